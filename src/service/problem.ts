import type { ServerResponse } from 'node:http';
import { STORAGE } from '../errors/storage.ts';
import { ERRORS, type ErrorCode, type ErrorRow, SignalboxError } from '../errors.ts';

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

/** Whether the detail is what a disk, a database or a bucket said: it may name files and addresses, and stands in the log only. */
export function isWithheld(code: ErrorCode): boolean {
  return code === 'SBX_INTAKE_NOT_STORED' || (code in STORAGE && ERRORS[code].status >= 500);
}

/** What anybody may read of it. */
export function publicDetail({ code, detail }: SignalboxError): string {
  return isWithheld(code) ? 'the log says more' : detail;
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
    detail: publicDetail(known),
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
