import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AccessCheck } from '../../access-check.ts';
import { placeOf, type Records, readPlace } from '../../engine/records/list-records.ts';
import type { DecisionRecord } from '../../engine/records/record-decision.ts';
import { parseRequest } from '../../parse-request.ts';
import type { Drag, Reading, VersionCheckFacts } from './facts.ts';

/** Verdicts by what a person looks for; see decide.ts for their words. */
const STATES = {
  open: ['blocked', 'merged despite'],
  waived: ['waived'],
  unknown: ['unknown', 'not ready'],
  ok: ['ok'],
} as const;

const listQuery = z.object({
  state: z.enum(['open', 'waived', 'unknown', 'ok', 'all']).default('open'),
  text: z.string().min(1).max(200).optional(),
  after: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** `GET /v1/merge-guard`: the merge requests that were looked at, with the versions at the three points. */
export function mergeGuardRoutes(app: FastifyInstance, viewer: AccessCheck, records: Records): void {
  app.get('/v1/merge-guard', { config: { reads: { query: listQuery } } }, async request => {
    await viewer(request);
    const { state, text, after, limit } = parseRequest(listQuery, request.query);
    const of = { automation: 'version-check', keys: 'merge-request:' };
    const verdicts = state === 'all' ? undefined : STATES[state];
    const page = await records.list({ ...of, verdicts, text, after: readPlace(after), limit });
    const last = page.at(-1);
    const [open, waived, unknown] = await Promise.all(
      [STATES.open, STATES.waived, STATES.unknown].map(each => records.count({ ...of, verdicts: each })),
    );
    return {
      merge_requests: page.map(present),
      next: page.length === limit && last ? placeOf(last) : null,
      counts: { open, waived, unknown },
    };
  });
}

function present({ key, verdict, because, since, decidedAt, facts }: DecisionRecord) {
  const seen = (facts ?? {}) as Partial<VersionCheckFacts>;
  const { versions } = seen;
  return {
    key,
    verdict,
    because,
    since: iso(since),
    looked_at: iso(decidedAt),
    url: seen.url ?? null,
    state: seen.state ?? null,
    draft: seen.draft ?? false,
    source_branch: seen.sourceBranch ?? null,
    target_branch: seen.targetBranch ?? null,
    points: versions
      ? [
          { point: 'source', commit: seen.head ?? null, ...presentReading(versions.source) },
          { point: 'target', commit: seen.target ?? null, ...presentReading(versions.target) },
          { point: 'base', commit: seen.base ?? null, ...presentReading(versions.base) },
        ]
      : [],
    drags: (seen.drags ?? []).map(({ line, lowest, all }: Drag) => ({ line, lowest, all })),
  };
}

function presentReading(reading: Reading) {
  return reading.ok
    ? { version: reading.version, line: reading.line, place: reading.place, fault: null }
    : { version: null, line: null, place: null, fault: `${reading.reason}: ${reading.detail}` };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
