import { type Kysely, sql } from 'kysely';
import { SignalboxError } from '../../errors.ts';
import type { Database } from '../database.ts';
import type { Tables } from '../tables.ts';
import { type Fingerprint, fingerprintTable } from './fingerprint-table.ts';
import { MOVED } from './moved-tables.ts';
import { pagesOf } from './pages-of.ts';

/** What was moved of one table, and the proof that it arrived. */
export interface MovedTable extends Fingerprint {
  table: string;
}

export interface MoveOptions {
  from: Database;
  to: Database;
  /** Looks at the copy before it is committed; throws when it is not as it should be. */
  verify: (copy: Kysely<Tables>) => Promise<void>;
  /** Told as rows are copied. */
  progress?: (moved: { table: string; rows: number; of: number }) => void;
}

/**
 * Copies everything from one database into an empty one and reads both again to compare them, all in one transaction: either the
 * copy is whole and the same, or nothing of it is there.
 *
 * @throws SignalboxError SBX_DATABASE_NOT_EMPTY, SBX_DATABASE_MOVE_DIFFERS
 */
export async function moveDatabase({ from, to, verify, progress }: MoveOptions): Promise<MovedTable[]> {
  // Before the transaction: the server ends one that waits for long.
  const sent = new Map<string, Fingerprint>();
  for (const { table } of MOVED) sent.set(table, await fingerprintTable(from.query, table));
  return await to.transaction(async transaction => {
    await assertEmpty(transaction);
    const moved: MovedTable[] = [];
    for (const { table } of MOVED) {
      const of = sent.get(table)?.rows ?? 0;
      let rows = 0;
      for await (const page of pagesOf(from.query, table)) {
        await transaction
          .insertInto(table)
          .values(page as never)
          .execute();
        rows += page.length;
        progress?.({ table, rows, of });
      }
    }
    await advanceIdentity(transaction);
    for (const { table } of MOVED) {
      const after = await fingerprintTable(transaction, table);
      const before = sent.get(table);
      if (before?.rows !== after.rows || before.sha256 !== after.sha256) {
        const detail = `${table}: ${before?.rows} rows ${before?.sha256}, arrived ${after.rows} rows ${after.sha256}`;
        throw new SignalboxError('SBX_DATABASE_MOVE_DIFFERS', detail);
      }
      moved.push({ table, ...after });
    }
    await verify(transaction);
    return moved;
  });
}

async function assertEmpty(database: Kysely<Tables>): Promise<void> {
  for (const { table } of MOVED) {
    const rows = await countRows(database, table);
    if (rows > 0) throw new SignalboxError('SBX_DATABASE_NOT_EMPTY', `${table} has ${rows} rows`);
  }
}

async function countRows(database: Kysely<Tables>, table: keyof Tables): Promise<number> {
  const row = await database
    .selectFrom(table)
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** Deliveries keep their numbers; the next one gets the next. */
async function advanceIdentity(database: Kysely<Tables>): Promise<void> {
  await sql`select setval(pg_get_serial_sequence('deliveries', 'id'),
    (select coalesce(max(id), 0) + 1 from deliveries), false)`.execute(database);
}
