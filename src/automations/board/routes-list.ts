import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AccessCheck } from '../../access-check.ts';
import { placeOf, type Records, readPlace } from '../../engine/records/list-records.ts';
import { parseRequest } from '../../parse-request.ts';
import type { BoardFacts } from './facts.ts';

/** Verdicts by what became of the issue; see decide.ts for their words. */
const STATES = {
  moved: ['moves to', 'in ', 'goes back', 'opens again', 'followed'],
  stays: ['stays', 'not there'],
} as const;

const listQuery = z.object({
  state: z.enum(['moved', 'stays', 'all']).default('all'),
  text: z.string().min(1).max(200).optional(),
  after: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** `GET /v1/board`: which issues were moved, which were left alone, and why. */
export function boardListRoutes(app: FastifyInstance, viewer: AccessCheck, records: Records): void {
  app.get('/v1/board', { config: { reads: { query: listQuery } } }, async request => {
    await viewer(request);
    const { state, text, after, limit } = parseRequest(listQuery, request.query);
    const of = { automation: 'board', keys: 'issue:' };
    const verdicts = state === 'all' ? undefined : STATES[state];
    const page = await records.list({ ...of, verdicts, text, after: readPlace(after), limit });
    const effects = await records.lastEffects(page.map(record => record.key));
    const last = page.at(-1);
    return {
      issues: page.map(({ key, verdict, because, since, decidedAt, facts }) => {
        const seen = (facts ?? {}) as Partial<BoardFacts>;
        const effect = effects.get(key);
        return {
          key,
          verdict,
          because,
          since: iso(since),
          looked_at: iso(decidedAt),
          state: seen.state ?? null,
          merge_requests: (seen.linked ?? []).map(each => ({
            name: `${each.project}!${each.iid}`,
            state: each.draft && each.state === 'opened' ? 'draft' : each.state,
          })),
          last_move: effect ? { summary: effect.summary, state: effect.state, at: iso(effect.at) } : null,
        };
      }),
      next: page.length === limit && last ? placeOf(last) : null,
    };
  });
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
