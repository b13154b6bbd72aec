import type { z } from 'zod';
import { SignalboxError } from './errors.ts';

/** So many faults are told in a sentence; all of them stand in `errors`. */
const TOLD = 5;

/**
 * Reads a part of a request (parameters, query, JSON body) with its schema.
 *
 * @throws SignalboxError SBX_REQUEST_INVALID with all faults at once
 */
export function parseRequest<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input, { error: explain });
  if (result.success) return result.data;
  const faults = result.error.issues.map(issue => ({ at: issue.path.join('.'), message: issue.message }));
  const told = faults.slice(0, TOLD).map(({ at, message }) => (at === '' ? message : `${at} ${message}`));
  throw new SignalboxError('SBX_REQUEST_INVALID', told.join('; '), { faults });
}

/** The words where the schema has none of its own; never with the value. */
function explain(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `does not take ${issue.keys.map(key => JSON.stringify(key)).join(', ')}`;
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be of the type ${issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.map(value => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_format':
      return 'is not written as it should be';
    case 'too_small':
      return issue.origin === 'number' ? `must be at least ${issue.minimum}` : 'is too short';
    case 'too_big':
      return issue.origin === 'number' ? `must be at most ${issue.maximum}` : 'is too long';
    // The schema's own words.
    case 'custom':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'not_multiple_of':
      return undefined;
  }
}
