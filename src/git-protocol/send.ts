export interface HttpExchange {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body: Buffer | null;
  signal: AbortSignal;
}

/** The answer's head, with its body still on the way. Redirects are answers, never followed. */
export interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: AsyncIterable<Uint8Array>;
}

export type Send = (exchange: HttpExchange) => Promise<HttpAnswer>;
