import { request } from 'undici';
import { ERRORS, type ErrorCode, type Fault, SignalboxError } from '../../errors.ts';
import type { ServiceAddress } from './find-service.ts';

/** One question to the service's HTTP API; its problems come back as the coded errors that they are. */
export async function ask<T>(
  service: ServiceAddress,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<T> {
  const answer = await request(`${service.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${service.token}`,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new SignalboxError('SBX_REMOTE_UNREACHABLE', `${service.url}: ${code ?? message}`, { cause });
  });
  const text = await answer.body.text();
  if (answer.statusCode >= 400) throw toError(answer.statusCode, text, service.url);
  return JSON.parse(text) as T;
}

/** The coded error in a problem document, or the nearest one to whatever a proxy has answered. */
export function toError(status: number, text: string, url: string): SignalboxError {
  const problem = parse(text);
  if (problem !== null && problem.code in ERRORS) {
    return new SignalboxError(problem.code as ErrorCode, problem.detail ?? '', {
      remoteStatus: status,
      faults: problem.errors ?? [],
    });
  }
  return new SignalboxError('SBX_REMOTE_REFUSED', `${url} answered ${status}`, { remoteStatus: status });
}

function parse(text: string): { code: string; detail?: string; errors?: Fault[] } | null {
  try {
    const problem: unknown = JSON.parse(text);
    const isProblem = typeof problem === 'object' && problem !== null && 'code' in problem;
    return isProblem && typeof problem.code === 'string' ? (problem as { code: string }) : null;
  } catch {
    return null;
  }
}
