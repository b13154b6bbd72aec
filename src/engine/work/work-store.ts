import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../../storage/database.ts';
import type { Tables } from '../../storage/tables.ts';
import { earliestLook, nextBurst, type Pace } from './back-off.ts';

/** Reasons kept per key; a flood of signals says nothing more after these. */
const REASONS_KEPT = 10;

/** A key that a worker has taken. */
export interface Claim {
  key: string;
  kind: string;
  reasons: string[];
  chain: string | null;
  attempts: number;
}

export interface SignalToStore {
  key: string;
  reason: string;
  chain: string | null;
  dueAt?: number;
  urgent?: boolean;
}

/** `merge-request` of `merge-request:acme/appliance!12`. */
export function kindOf(key: string): string {
  const colon = key.indexOf(':');
  return colon < 0 ? key : key.slice(0, colon);
}

/** Makes keys due. Many signals for one key become one look; a key that is being looked at becomes due again afterwards. */
export async function signalWork(
  transaction: Transaction<Tables>,
  signals: readonly SignalToStore[],
  pace: Pace,
  now: number,
): Promise<void> {
  for (const { key, reasons, urgent, dueNoEarlier, chain: newChain } of mergeByKey(signals)) {
    const row = await transaction.selectFrom('work').selectAll().where('key', '=', key).executeTakeFirst();
    const spaced = row
      ? earliestLook(pace, { lastStartedAt: nullable(row.last_started_at), burst: row.burst }, now)
      : now + pace.settle;
    const wanted = Math.max(urgent ? now : spaced, dueNoEarlier);
    const dueAt = row?.due_at == null ? wanted : Math.min(Number(row.due_at), wanted);
    const allReasons = JSON.stringify(
      [...(row ? (JSON.parse(row.reasons) as string[]) : []), ...reasons].slice(-REASONS_KEPT),
    );
    const chain = newChain ?? row?.chain ?? null;
    await transaction
      .insertInto('work')
      .values({ key, kind: kindOf(key), due_at: dueAt, reasons: allReasons, chain, burst: 0, attempts: 0 })
      .onConflict(conflict =>
        conflict.column('key').doUpdateSet({
          due_at: dueAt,
          reasons: allReasons,
          chain,
          dead_at: null,
          // A person or the world has changed something: a key that was laid aside gets all its tries again.
          attempts: row?.dead_at == null ? sql`work.attempts` : 0,
        }),
      )
      .execute();
  }
}

interface MergedSignal {
  key: string;
  reasons: string[];
  chain: string | null;
  urgent: boolean;
  /** The earliest of what the signals ask for. */
  dueNoEarlier: number;
}

function mergeByKey(signals: readonly SignalToStore[]): MergedSignal[] {
  return [...Map.groupBy(signals, signal => signal.key)].map(([key, those]) => ({
    key,
    reasons: [...new Set(those.map(signal => signal.reason))],
    chain: those.findLast(signal => signal.chain !== null)?.chain ?? null,
    urgent: those.some(signal => signal.urgent),
    dueNoEarlier: Math.min(...those.map(signal => signal.dueAt ?? 0)),
  }));
}

/** Takes up to `limit` due keys for `owner`, oldest first, among them those whose owner has lost its lease. */
export async function claimWork(
  database: Database,
  options: { owner: string; limit: number; pace: Pace; now: number },
): Promise<Claim[]> {
  const { owner, limit, pace, now } = options;
  return database.transaction(async transaction => {
    let due = transaction
      .selectFrom('work')
      .selectAll()
      .where(condition =>
        condition.or([
          condition.and([condition('due_at', '<=', now), condition('owner', 'is', null)]),
          // Not this owner's own: a process that stood still for a while is still looking at them.
          condition.and([condition('owner', '!=', owner), condition('lease_until', '<', now)]),
        ]),
      )
      .orderBy('due_at', 'asc')
      .limit(limit);
    if (database.engine === 'postgres') due = due.forUpdate().skipLocked();
    const claims: Claim[] = [];
    for (const row of await due.execute()) {
      const burst = nextBurst(pace, { lastStartedAt: nullable(row.last_started_at), burst: row.burst }, now);
      await transaction
        .updateTable('work')
        .set({
          owner,
          lease_until: now + pace.lease,
          due_at: null,
          reasons: '[]',
          chain: null,
          burst,
          last_started_at: now,
        })
        .where('key', '=', row.key)
        .execute();
      const reasons = JSON.parse(row.reasons) as string[];
      if (row.owner !== null) reasons.push('an earlier look was cut off');
      claims.push({ key: row.key, kind: row.kind, reasons, chain: row.chain, attempts: row.attempts });
    }
    return claims;
  });
}

/** Keeps the leases of keys that are still being looked at; returns those that this owner no longer holds. */
export async function renewLeases(
  database: Kysely<Tables>,
  owner: string,
  keys: readonly string[],
  leaseUntil: number,
): Promise<void> {
  if (keys.length === 0) return;
  await database
    .updateTable('work')
    .set({ lease_until: leaseUntil })
    .where('owner', '=', owner)
    .where('key', 'in', [...keys])
    .execute();
}

/** Ends a look. Returns false where the lease was lost meanwhile: then nothing of this look may be recorded. */
export async function finishWork(
  transaction: Transaction<Tables>,
  options: { key: string; owner: string; now: number; lookAgainAt?: number | undefined },
): Promise<boolean> {
  const { key, owner, now } = options;
  const again = options.lookAgainAt ?? null;
  const result = await transaction
    .updateTable('work')
    .set({
      owner: null,
      lease_until: null,
      attempts: 0,
      error: null,
      last_finished_at: now,
      due_at:
        again === null ? sql`due_at` : sql`case when due_at is null or due_at > ${again} then ${again} else due_at end`,
    })
    .where('key', '=', key)
    .where('owner', '=', owner)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/**
 * Ends a look that failed: due again later, or laid aside for a person when `dueAt` is null. A signal that came during the
 * last look may have brought the remedy: then the key stays due and gets all its tries again.
 */
export async function failWork(
  transaction: Transaction<Tables>,
  options: {
    claim: Claim;
    owner: string;
    now: number;
    dueAt: number | null;
    attempts: number;
    error: { code: string; detail: string };
  },
): Promise<boolean> {
  const { claim, owner, now, dueAt, attempts, error } = options;
  const row = await transaction
    .selectFrom('work')
    .select(['reasons', 'due_at'])
    .where('key', '=', claim.key)
    .executeTakeFirst();
  const revived = dueAt === null && row?.due_at != null;
  const reasons = [...claim.reasons, ...(JSON.parse(row?.reasons ?? '[]') as string[])].slice(-REASONS_KEPT);
  const result = await transaction
    .updateTable('work')
    .set({
      owner: null,
      lease_until: null,
      attempts: revived ? 0 : attempts,
      error: JSON.stringify({ ...error, at: now }),
      last_finished_at: now,
      reasons: JSON.stringify(reasons),
      chain: claim.chain === null ? sql`chain` : sql`coalesce(chain, ${claim.chain})`,
      due_at: revived ? sql`due_at` : dueAt,
      dead_at: dueAt === null && !revived ? now : null,
    })
    .where('key', '=', claim.key)
    .where('owner', '=', owner)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/** Gives back every lease at once: for the one owner of a SQLite file, at start. */
export async function releaseAllLeases(database: Kysely<Tables>, now: number): Promise<number> {
  const result = await database
    .updateTable('work')
    .set({ lease_until: now - 1 })
    .where('owner', 'is not', null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** When the next key is due, ms since the epoch, or null. */
export async function nextDue(database: Kysely<Tables>): Promise<number | null> {
  const due = await database
    .selectFrom('work')
    .select('due_at')
    .where('due_at', 'is not', null)
    .where('owner', 'is', null)
    .orderBy('due_at', 'asc')
    .limit(1)
    .executeTakeFirst();
  const lease = await database
    .selectFrom('work')
    .select('lease_until')
    .where('owner', 'is not', null)
    .orderBy('lease_until', 'asc')
    .limit(1)
    .executeTakeFirst();
  const times = [due?.due_at, lease?.lease_until].filter(time => time != null).map(Number);
  return times.length === 0 ? null : Math.min(...times);
}

function nullable(value: number | null): number | null {
  return value === null ? null : Number(value);
}
