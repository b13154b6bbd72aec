import type { z } from 'zod';

/** The parts of the configuration that an automation may build on. */
export type Need = 'gitlab' | 'freshdesk' | 'lines';

/** An automation's part of the configuration file. */
export interface Section<Schema extends z.ZodType = z.ZodType> {
  /** Its settings, with a description on every field. */
  settings: Schema;
  /**
   * The other sections these settings cannot do without. It is asked even when the settings have faults of their own,
   * so that all faults appear at once; hence `unknown`.
   */
  needs: (settings: unknown) => readonly Need[];
}
