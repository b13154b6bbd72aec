import { hash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Database } from '../../storage/database.ts';
import type { Tables } from '../../storage/tables.ts';
import type { Decision } from '../automation.ts';
import { appendJournal } from '../journal/journal.ts';
import type { Json } from '../json.ts';
import { assertHeld } from '../work/leases.ts';

/** The newest decision on a key, as `explain` shows it. */
export interface DecisionRecord {
  key: string;
  automation: string;
  facts: Json;
  verdict: string;
  because: string[];
  plan: string[];
  memory: Json;
  decidedAt: number;
  /** Since when it has been the same. */
  since: number;
}

export interface DecisionToRecord {
  key: string;
  /** Who must hold the key's lease. */
  owner?: string | undefined;
  automation: string;
  facts: Json;
  decision: Decision;
  reasons: readonly string[];
  dryRun: boolean;
}

/**
 * Writes a decision down before anything is done about it. The journal gets a row when the decision differs from the last
 * one or has something done; looking again and finding everything as it was leaves only a later time.
 */
export async function recordDecision(database: Database, look: DecisionToRecord, now: number): Promise<void> {
  const { key, automation, decision, dryRun } = look;
  const plan = decision.actions.map(action => action.summary);
  const fingerprint = hash('sha256', JSON.stringify([decision.verdict, decision.because, dryRun]), 'hex');
  await database.transaction(async transaction => {
    await assertHeld(transaction, key, look.owner, database.engine);
    const last = await transaction
      .selectFrom('records')
      .select(['fingerprint', 'since', 'journal_seq'])
      .where('key', '=', key)
      .executeTakeFirst();
    const same = last?.fingerprint === fingerprint;
    let seq = Number(last?.journal_seq ?? 0);
    if (!same || (plan.length > 0 && !dryRun)) {
      const data = {
        automation,
        verdict: decision.verdict,
        because: decision.because,
        plan,
        reasons: [...look.reasons],
        facts: look.facts,
        ...(dryRun ? { dry_run: true } : {}),
      };
      seq = await appendJournal(transaction, [{ at: now, kind: 'decision', key, data }], database.engine);
    }
    const values = {
      automation,
      facts: JSON.stringify(look.facts),
      verdict: decision.verdict,
      because: JSON.stringify(decision.because),
      plan: JSON.stringify(plan),
      fingerprint,
      decided_at: now,
      since: same ? Number(last?.since) : now,
      journal_seq: seq,
    };
    await transaction
      .insertInto('records')
      .values({ key, memory: null, ...values })
      .onConflict(conflict => conflict.column('key').doUpdateSet(values))
      .execute();
  });
}

/** What the automation remembered about this key after its last finished look. */
export async function readMemory(database: Kysely<Tables>, key: string): Promise<Json> {
  const row = await database.selectFrom('records').select('memory').where('key', '=', key).executeTakeFirst();
  return row?.memory == null ? null : (JSON.parse(row.memory) as Json);
}

/** The newest decision on a key, or null when it was never looked at. */
export async function readDecision(database: Kysely<Tables>, key: string): Promise<DecisionRecord | null> {
  const row = await database.selectFrom('records').selectAll().where('key', '=', key).executeTakeFirst();
  return row ? toDecisionRecord(row) : null;
}

/** A row of the table as everybody else sees it. */
export function toDecisionRecord(row: Tables['records']): DecisionRecord {
  return {
    key: row.key,
    automation: row.automation,
    facts: JSON.parse(row.facts) as Json,
    verdict: row.verdict,
    because: JSON.parse(row.because) as string[],
    plan: JSON.parse(row.plan) as string[],
    memory: row.memory === null ? null : (JSON.parse(row.memory) as Json),
    decidedAt: Number(row.decided_at),
    since: Number(row.since),
  };
}
