import type { IncomingHttpHeaders } from 'node:http';

/** As much of a request as says who sent it; every Fastify request is one. */
export interface AskingRequest {
  method: string;
  headers: IncomingHttpHeaders;
  /** Where it comes from; behind a proxy that is trusted, the address that the proxy names. */
  ip: string;
}

/** Who asks, by token or by session, as the journal names him; throws where he may not. */
export type AccessCheck = (request: AskingRequest) => Promise<string>;
