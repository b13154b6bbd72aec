import type { z } from 'zod';
import { SignalboxError } from './errors.ts';

/**
 * Reads a part of a request (parameters, query, JSON body) with its schema.
 *
 * @throws SignalboxError SBX_REQUEST_INVALID with all faults at once
 */
export function parseRequest<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const faults = result.error.issues.map(issue => ({ at: issue.path.join('.'), message: issue.message }));
  throw new SignalboxError('SBX_REQUEST_INVALID', 'the request is not valid', { faults });
}
