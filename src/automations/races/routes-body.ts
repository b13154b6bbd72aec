import { z } from 'zod';
import type { Batch, IncomingReport } from './store-reports.ts';

/** Longer ids, names and paths are nobody's; control characters would act on a terminal that shows them. */
const short = z
  .string()
  .trim()
  .min(1)
  .max(300)
  .transform(text => text.replace(/\p{Cc}/gu, '\u{fffd}'));
const MOST_REPORTS = 1000;
/** As much as one report may have; a longer one says nothing more. */
const LONGEST_REPORT = 512 * 1024;

const time = z
  .union([z.iso.datetime({ offset: true }), z.number().min(0)], {
    error: 'must be a time such as 2026-11-23T10:00:00Z',
  })
  .transform(value => (typeof value === 'number' ? value : Date.parse(value)));

const report = z.object({
  id: short.optional(),
  text: z.string().min(1).max(LONGEST_REPORT),
  count: z.number().int().min(1).max(1_000_000).default(1),
  first_seen: time.optional(),
  last_seen: time.optional(),
  log: short.optional(),
  build: short.nullish(),
  confidence: z.enum(['complete', 'torn', 'truncated', 'mixed']).optional(),
});

const heartbeat = z.object({
  build: short.nullish(),
  race: z.boolean().default(true),
  started_at: time.optional(),
  running_seconds: z.number().min(0).max(1e9).optional(),
});

/** The body of `POST /v1/races`. */
export const batchSchema = z.object({
  source: short.optional(),
  host: short.optional(),
  build: short.nullish(),
  heartbeat: heartbeat.optional(),
  reports: z.array(report).max(MOST_REPORTS).default([]),
});

/** The parameters of `POST /v1/races` with a piece of a log as its body. */
export const logQuerySchema = z.object({
  source: short.optional(),
  host: short.optional(),
  build: short.optional(),
  log: short.optional(),
  id: short.optional(),
});

/** What a checked body says, in our own words. */
export function toBatch(body: z.output<typeof batchSchema>, source: string): Batch {
  const { host = source, build = null } = body;
  return {
    source,
    host,
    heartbeat: body.heartbeat
      ? {
          build: body.heartbeat.build ?? build ?? null,
          race: body.heartbeat.race,
          startedAt: body.heartbeat.started_at ?? null,
          running: body.heartbeat.running_seconds === undefined ? null : body.heartbeat.running_seconds * 1000,
        }
      : null,
    reports: body.reports.map(
      (each): IncomingReport => ({
        id: each.id ?? null,
        text: each.text,
        count: each.count,
        firstSeen: each.first_seen ?? null,
        lastSeen: each.last_seen ?? null,
        log: each.log ?? null,
        build: each.build ?? build ?? null,
        confidence: each.confidence ?? null,
      }),
    ),
  };
}
