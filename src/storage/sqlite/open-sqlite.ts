import { Kysely } from 'kysely';
import { SignalboxError } from '../../errors.ts';
import type { Database } from '../database.ts';
import type { ColumnTypes } from '../dialect.ts';
import { migrate } from '../migrate.ts';
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
 * @throws SignalboxError SBX_DATABASE_DAMAGED when the file is no database or fails its check
 */
export async function openSqlite(file: string): Promise<Database> {
  const thread = new SqliteThread(file);
  const mutex = new Mutex();
  const query = new Kysely<Tables>({ dialect: sqliteDialect(thread, mutex) });
  try {
    await migrate(query, SQLITE_TYPES);
  } catch (error) {
    await thread.close().catch(() => undefined);
    throw damaged(error, file);
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

const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

function damaged(error: unknown, file: string): unknown {
  const { errcode } = error as { errcode?: number };
  if (errcode === SQLITE_CORRUPT || errcode === SQLITE_NOTADB || (error as Error).message.includes('not a database')) {
    return new SignalboxError('SBX_DATABASE_DAMAGED', `${file}: ${(error as Error).message}`, { cause: error });
  }
  return error;
}
