import type { Kysely } from 'kysely';
import type { Tables } from '../storage/tables.ts';
import { type BriefRow, briefRow } from './journal/brief-row.ts';
import { failedEnd } from './journal/failed-end.ts';
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
  /** Each in one line as well, as lists show it. */
  journal: (JournalRow & Pick<BriefRow, 'line' | 'bad'>)[];
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
    effects: effects.map(effect => {
      const ref = effect.ref === null ? null : (JSON.parse(effect.ref) as Json);
      return {
        name: effect.name,
        state: failedEnd(ref) === null ? effect.state : 'failed',
        summary: effect.summary,
        at: iso(Number(effect.finished_at ?? effect.started_at)),
        ref,
      };
    }),
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
    journal: journal.map(row => {
      const { line, bad } = briefRow(row);
      return { ...row, line, bad };
    }),
  };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
