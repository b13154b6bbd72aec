import type { ServerResponse } from 'node:http';
import { ERRORS, type ErrorRow, SignalboxError } from '../errors.ts';

/** Seconds after which it is worth asking again where nobody knows better. */
export const RETRY_AFTER = '5';

/** RFC 9457: what every error looks like over HTTP. Neither stack nor path nor secret is in it. */
export interface Problem {
  type: string;
  code: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  remedy: string;
  errors?: { at: string; message: string }[];
}

export function toProblem(error: unknown, requestId: string): Problem {
  const known =
    error instanceof SignalboxError ? error : new SignalboxError('SBX_INTERNAL', 'the request could not be answered');
  const { status, title, remedy, type }: ErrorRow = ERRORS[known.code];
  return {
    ...known.extensions,
    type: type ?? `urn:signalbox:error:${known.code}`,
    code: known.code,
    title,
    status,
    detail: known.detail,
    instance: `urn:request:${requestId}`,
    remedy,
    ...(known.faults.length > 0 ? { errors: [...known.faults] } : {}),
  };
}

/** Answers a request on the bare HTTP door with a problem. */
export function sendProblem(response: ServerResponse, error: unknown, requestId: string): void {
  if (response.headersSent || response.destroyed) return;
  const problem = toProblem(error, requestId);
  const body = JSON.stringify(problem);
  response.writeHead(problem.status, {
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    'X-Request-Id': requestId,
    ...(problem.status === 503 ? { 'Retry-After': RETRY_AFTER } : {}),
  });
  response.end(body);
}
