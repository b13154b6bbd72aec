import { expect, it } from 'vitest';
import { z } from 'zod';
import { parseRequest } from './parse-request.ts';

const schema = z.strictObject({
  ticket_id: z.int('must be the number of a ticket'),
  follow: z.boolean().optional(),
  order: z.enum(['newest', 'rank']).optional(),
  limit: z.number().max(500).optional(),
  names: z.array(z.string().regex(/^[a-z]+$/)).optional(),
});

it.each([
  [{}, 'ticket_id must be the number of a ticket'],
  [{ ticket_id: 1, follow: 'yes' }, 'follow must be of the type boolean'],
  [{ ticket_id: 1, order: 'secret' }, 'order must be "newest" or "rank"'],
  [{ ticket_id: 1, limit: 501 }, 'limit must be at most 500'],
  [{ ticket_id: 1, names: ['a', 'B'] }, 'names.1 is not written as it should be'],
  [{ ticket_id: 1, ticket: 1 }, 'does not take "ticket"'],
  [
    { follow: 1, ticket: 1 },
    'ticket_id must be the number of a ticket; follow must be of the type boolean; does not take "ticket"',
  ],
  [null, 'must be of the type object'],
  [undefined, 'is missing'],
])('%j: %s', (input, detail) => {
  expect(() => parseRequest(schema, input)).toThrow(
    expect.objectContaining({ code: 'SBX_REQUEST_INVALID', detail }) as Error,
  );
});
