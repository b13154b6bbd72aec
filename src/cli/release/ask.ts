import { request } from 'undici';
import { SignalboxError } from '../../errors.ts';
import { problemToError } from '../problem-to-error.ts';
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
  if (answer.statusCode >= 400) throw problemToError(answer.statusCode, text, service.url);
  return JSON.parse(text) as T;
}
