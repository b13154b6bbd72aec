import type { Transaction } from 'kysely';
import { SignalboxError } from '../../errors.ts';
import type { Database, Engine } from '../../storage/database.ts';
import type { Tables } from '../../storage/tables.ts';

/**
 * Keeps the leases of keys that are still being looked at. On PostgreSQL one by one, each tried again: who holds one row and waits for the
 * next may wait for somebody who holds that one and waits for the first, such as a look that ends and makes other keys due.
 *
 * @returns those of them that this owner still holds
 */
export async function renewLeases(
  database: Database,
  owner: string,
  keys: readonly string[],
  leaseUntil: number,
): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const renew = (some: readonly string[]) => (transaction: Transaction<Tables>) =>
    transaction
      .updateTable('work')
      .set({ lease_until: leaseUntil })
      .where('owner', '=', owner)
      .where('key', 'in', some)
      .returning('key')
      .execute();
  const held = new Set<string>();
  for (const some of database.engine === 'postgres' ? keys.map(key => [key]) : [keys]) {
    for (const { key } of await database.transaction(renew(some))) held.add(key);
  }
  return held;
}

/**
 * What a look records is recorded only while its owner holds the key, and nobody takes the key before the transaction ends.
 *
 * @throws SignalboxError SBX_LEASE_LOST
 */
export async function assertHeld(
  transaction: Transaction<Tables>,
  key: string,
  owner: string | undefined,
  engine: Engine,
): Promise<void> {
  // Where no engine gives out leases, as in the tests of one automation.
  if (owner === undefined) return;
  let select = transaction.selectFrom('work').select('key').where('key', '=', key).where('owner', '=', owner);
  if (engine === 'postgres') select = select.forUpdate();
  if (!(await select.executeTakeFirst())) throw new SignalboxError('SBX_LEASE_LOST', key);
}

/**
 * Gives back the leases of processes that are gone, at start: all of them on a SQLite file, which has one owner; on PostgreSQL
 * those of earlier processes with the same data directory, whose owners begin with `ours`.
 */
export async function releaseLeases(
  { engine, query }: Database,
  { ours, now }: { ours: string; now: number },
): Promise<number> {
  let update = query.updateTable('work').set({ lease_until: now - 1 });
  if (engine === 'sqlite') update = update.where('owner', 'is not', null);
  else update = update.where('owner', '>=', ours).where('owner', '<', `${ours}\u{10ffff}`);
  const result = await update.executeTakeFirst();
  return Number(result.numUpdatedRows);
}
