import type { Kysely } from 'kysely';
import type { Tables } from '../storage/tables.ts';
import { type JournalRow, readJournal } from './journal/journal.ts';
import type { Json } from './json.ts';
import { readDecision } from './records/record-decision.ts';

/** Why a key is as it is. */
export interface Explanation {
  key: string;
  automation: string | null;
  facts: Json;
  decision: { verdict: string; because: string[]; plan: string[]; decided_at: string; since: string } | null;
  effects: { name: string; state: string; summary: string; at: string; ref: Json }[];
  next: {
    due_at: string | null;
    reasons: string[];
    attempts: number;
    running: boolean;
    laid_aside: boolean;
    error: Json;
  } | null;
  journal: JournalRow[];
}

/** Everything known about one key; null when it was never heard of. */
export async function explainKey(database: Kysely<Tables>, key: string): Promise<Explanation | null> {
  const [decision, work, effects, journal] = await Promise.all([
    readDecision(database, key),
    database.selectFrom('work').selectAll().where('key', '=', key).executeTakeFirst(),
    database.selectFrom('effects').selectAll().where('key', '=', key).orderBy('started_at', 'desc').limit(50).execute(),
    readJournal(database, { key, limit: 20 }),
  ]);
  if (!decision && !work && journal.length === 0) return null;
  return {
    key,
    automation: decision?.automation ?? null,
    facts: decision?.facts ?? null,
    decision: decision && {
      verdict: decision.verdict,
      because: decision.because,
      plan: decision.plan,
      decided_at: iso(decision.decidedAt),
      since: iso(decision.since),
    },
    effects: effects.map(effect => ({
      name: effect.name,
      state: effect.state,
      summary: effect.summary,
      at: iso(Number(effect.finished_at ?? effect.started_at)),
      ref: effect.ref === null ? null : (JSON.parse(effect.ref) as Json),
    })),
    next: work
      ? {
          due_at: work.due_at === null ? null : iso(Number(work.due_at)),
          reasons: JSON.parse(work.reasons) as string[],
          attempts: work.attempts,
          running: work.owner !== null,
          laid_aside: work.dead_at !== null,
          error: work.error === null ? null : (JSON.parse(work.error) as Json),
        }
      : null,
    journal,
  };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
