import { Kysely, sql } from 'kysely';
import { SignalboxError } from '../../errors.ts';
import type { Database } from '../database.ts';
import type { ColumnTypes } from '../dialect.ts';
import { MIGRATIONS, migrate, type Steps } from '../migrate.ts';
import { Mutex } from '../mutex.ts';
import type { Tables } from '../tables.ts';
import { checkFiles } from './check-files.ts';
import { countVerdicts } from './count-verdicts.ts';
import { sqliteDialect } from './kysely-dialect.ts';
import { SqliteThread } from './sqlite-thread.ts';

const SQLITE_TYPES: ColumnTypes = {
  identity: 'integer',
  asIdentity: column => column.primaryKey().autoIncrement(),
  bytes: 'blob',
  countVerdicts,
};

/**
 * Opens (and creates, and migrates) the SQLite database. The caller holds the data directory's lock: this file has one owner process.
 *
 * @throws SignalboxError SBX_DATABASE_DAMAGED when the file is no database, fails its check, or has lost what was committed, SBX_DATABASE_TOO_NEW,
 * SBX_DATABASE_FULL, SBX_DATABASE_UNWRITABLE
 */
export async function openSqlite(file: string, steps: Steps = MIGRATIONS): Promise<Database> {
  const wasCutOff = namingFile(file, () => checkFiles(file));
  const thread = new SqliteThread(file);
  const mutex = new Mutex();
  const query = new Kysely<Tables>({ dialect: sqliteDialect(thread, mutex) });
  try {
    if (wasCutOff) await settle(query);
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

/**
 * Writes what the write-ahead log holds into the database, and waits for the disk. After a failed fsync and a new start the log is read
 * from the kernel's memory, which says that it is on disk where it is not: what was committed behind that place would be gone
 * with the next power cut.
 */
async function settle(query: Kysely<Tables>): Promise<void> {
  await sql`pragma wal_checkpoint(truncate)`.execute(query);
}

function namingFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw named(error, file);
  }
}

function named(error: unknown, file: string): unknown {
  if (!(error instanceof SignalboxError)) return error;
  return new SignalboxError(error.code, `${file}: ${error.detail}`, { cause: error });
}
