import { Kysely, sql } from 'kysely';
import { SignalboxError } from '../../errors.ts';
import type { Database } from '../database.ts';
import type { ColumnTypes } from '../dialect.ts';
import { MIGRATIONS, migrate, type Steps } from '../migrate.ts';
import { Mutex } from '../mutex.ts';
import type { Tables } from '../tables.ts';
import { sqliteDialect } from './kysely-dialect.ts';
import { SqliteThread } from './sqlite-thread.ts';

const SQLITE_TYPES: ColumnTypes = {
  identity: 'integer',
  asIdentity: column => column.primaryKey().autoIncrement(),
  bytes: 'blob',
};

/**
 * Opens (and creates, and migrates) the SQLite database. The caller holds the data directory's lock: this file has one owner process.
 *
 * @throws SignalboxError SBX_DATABASE_DAMAGED when the file is no database or fails its check, SBX_DATABASE_TOO_NEW,
 * SBX_DATABASE_FULL, SBX_DATABASE_UNWRITABLE
 */
export async function openSqlite(file: string, steps: Steps = MIGRATIONS): Promise<Database> {
  const thread = new SqliteThread(file);
  const mutex = new Mutex();
  const query = new Kysely<Tables>({ dialect: sqliteDialect(thread, mutex) });
  try {
    await check(query);
    await migrate(query, SQLITE_TYPES, steps);
  } catch (error) {
    await thread.close().catch(() => undefined);
    throw named(error, file);
  }
  return {
    engine: 'sqlite',
    query,
    transaction: work => query.transaction().execute(work),
    clock: Date.now,
    listen: () => undefined,
    close: () => query.destroy(),
  };
}

/** Walks every page. What is damaged is found before anything is built upon it, and not in the middle of the night. */
async function check(query: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ quick_check: string }>`pragma quick_check(1)`.execute(query);
  const [found] = rows;
  if (found?.quick_check !== 'ok') throw new SignalboxError('SBX_DATABASE_DAMAGED', found?.quick_check ?? 'no answer');
}

function named(error: unknown, file: string): unknown {
  if (!(error instanceof SignalboxError)) return error;
  return new SignalboxError(error.code, `${file}: ${error.detail}`, { cause: error });
}
