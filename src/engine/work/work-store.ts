import { type Kysely, sql, type Transaction } from 'kysely';
import { type Database, type Engine, WORK_CHANNEL } from '../../storage/database.ts';
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
  { pace, now, engine }: { pace: Pace; now: number; engine: Engine },
): Promise<void> {
  if (signals.length === 0) return;
  // In one order, so that two who signal the same keys do not wait for each other.
  const merged = mergeByKey(signals).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const keys = merged.map(({ key }) => key);
  if (engine === 'postgres') await addRows(transaction, keys);
  let select = transaction.selectFrom('work').selectAll().where('key', 'in', keys).orderBy('key');
  if (engine === 'postgres') select = select.forUpdate();
  const known = new Map((await select.execute()).map(row => [row.key, row]));
  const rows = merged.map(signal => {
    const row = known.get(signal.key);
    const spaced = row
      ? earliestLook(pace, { lastStartedAt: nullable(row.last_started_at), burst: row.burst }, now)
      : now + pace.settle;
    const wanted = Math.max(signal.urgent ? now : spaced, signal.dueNoEarlier);
    const before = row ? (JSON.parse(row.reasons) as string[]) : [];
    return {
      key: signal.key,
      kind: kindOf(signal.key),
      due_at: Math.ceil(row?.due_at == null ? wanted : Math.min(Number(row.due_at), wanted)),
      reasons: JSON.stringify([...before, ...signal.reasons].slice(-REASONS_KEPT)),
      chain: signal.chain ?? row?.chain ?? null,
      burst: 0,
      // A person or the world has changed something: a key that was laid aside gets all its tries again.
      attempts: row?.dead_at == null ? (row?.attempts ?? 0) : 0,
    };
  });
  await transaction
    .insertInto('work')
    .values(rows)
    .onConflict(conflict =>
      conflict.column('key').doUpdateSet(expression => ({
        due_at: expression.ref('excluded.due_at'),
        reasons: expression.ref('excluded.reasons'),
        chain: expression.ref('excluded.chain'),
        attempts: expression.ref('excluded.attempts'),
        dead_at: null,
      })),
    )
    .execute();
  if (engine === 'postgres') await sql`select pg_notify(${sql.lit(WORK_CHANNEL)}, '')`.execute(transaction);
}

/** A row that is not there cannot be locked. */
async function addRows(transaction: Transaction<Tables>, keys: readonly string[]): Promise<void> {
  await transaction
    .insertInto('work')
    .values(keys.map(key => ({ key, kind: kindOf(key), reasons: '[]', burst: 0, attempts: 0 })))
    .onConflict(conflict => conflict.column('key').doNothing())
    .execute();
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

export interface LookedAt {
  /** Keys that this process is looking at, also where the database has forgotten that or never knew. */
  busy?: readonly string[];
  /** Only keys of these kinds: where other processes know kinds that this one does not. */
  kinds?: readonly string[] | undefined;
}

export interface ClaimOptions extends LookedAt {
  owner: string;
  limit: number;
  pace: Pace;
  now: number;
}

/**
 * Takes up to `limit` keys for `owner`: first those whose owner has lost its lease, since they have been due for longest, and however many
 * others wait; then those that are due, oldest first.
 */
export async function claimWork(database: Database, options: ClaimOptions): Promise<Claim[]> {
  const { owner, limit, pace, now } = options;
  return database.transaction(async transaction => {
    const lost = await claimable(transaction, database.engine, options)
      .where('owner', 'is not', null)
      .where('lease_until', '<', now)
      .orderBy('lease_until', 'asc')
      .limit(limit)
      .execute();
    const left = limit - lost.length;
    const due =
      left === 0
        ? []
        : await claimable(transaction, database.engine, options)
            .where('due_at', '<=', now)
            .where('owner', 'is', null)
            .orderBy('due_at', 'asc')
            .limit(left)
            .execute();
    const claims: Claim[] = [];
    for (const row of [...lost, ...due]) {
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

function claimable(transaction: Transaction<Tables>, engine: Engine, options: LookedAt) {
  const select = workOf(transaction, options).selectAll();
  return engine === 'postgres' ? select.forUpdate().skipLocked() : select;
}

/**
 * Not what is being looked at here: a process that stood still has lost its leases, and one that got no answer does not know that
 * its look is over. What it could not record the end of is taken again once its lease is over.
 */
function workOf(database: Kysely<Tables>, { kinds, busy = [] }: LookedAt) {
  let all = database.selectFrom('work');
  if (busy.length > 0) all = all.where('key', 'not in', [...busy]);
  if (kinds) all = all.where('kind', 'in', [...kinds]);
  return all;
}

/** Ends a look. Returns false where the lease was lost meanwhile: then nothing of this look may be recorded. */
export async function finishWork(
  transaction: Transaction<Tables>,
  options: { key: string; owner: string; now: number; lookAgainAt?: number | undefined },
): Promise<boolean> {
  const { key, owner, now } = options;
  const again = options.lookAgainAt === undefined ? null : Math.ceil(options.lookAgainAt);
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
    engine: Engine;
  },
): Promise<boolean> {
  const { claim, owner, now, dueAt, attempts, error } = options;
  // Nobody must signal the key between this and the update.
  let select = transaction.selectFrom('work').select(['reasons', 'due_at']).where('key', '=', claim.key);
  if (options.engine === 'postgres') select = select.forUpdate();
  const row = await select.executeTakeFirst();
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
      due_at: revived ? sql`due_at` : dueAt && Math.ceil(dueAt),
      dead_at: dueAt === null && !revived ? now : null,
    })
    .where('key', '=', claim.key)
    .where('owner', '=', owner)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/**
 * After the clock was set back by so many milliseconds: what was due later is due that much earlier, in the time that has really to
 * pass. A look that comes too early finds nothing to do; one that comes an hour late is missed by somebody.
 */
export async function pullBack(database: Kysely<Tables>, by: number, now: number): Promise<void> {
  await database
    .updateTable('work')
    .set({ due_at: sql`case when due_at - ${by} > ${now} then due_at - ${by} else ${now} end` })
    .where('due_at', '>', now)
    .execute();
}

/** When the next key is due, ms since the epoch, or null. */
export async function nextDue(database: Kysely<Tables>, options: LookedAt = {}): Promise<number | null> {
  const select = () => workOf(database, options);
  const due = select()
    .select('due_at')
    .where('due_at', 'is not', null)
    .where('owner', 'is', null)
    .orderBy('due_at', 'asc')
    .limit(1);
  const lease = select().select('lease_until').where('owner', 'is not', null).orderBy('lease_until', 'asc').limit(1);
  const row = await database.selectNoFrom([due.as('due'), lease.as('lease')]).executeTakeFirst();
  const times = [row?.due, row?.lease].filter(time => time != null).map(Number);
  return times.length === 0 ? null : Math.min(...times);
}

function nullable(value: number | null): number | null {
  return value === null ? null : Number(value);
}
