/** What the engine stores for the automations: plain JSON. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };
