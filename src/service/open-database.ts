import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretReference } from '../config/fields.ts';
import type { Settings } from '../config/schema.ts';
import { SignalboxError } from '../errors.ts';
import type { Database } from '../storage/database.ts';
import { openSqlite } from '../storage/sqlite/open-sqlite.ts';

/** The one file that SQLite keeps everything in. */
export function sqliteFile(settings: Settings): string {
  return join(settings.service.data_dir, 'signalbox.db');
}

/**
 * Opens the database that the configuration names. The caller holds the data directory's lock.
 *
 * @throws SignalboxError SBX_DATABASE_DAMAGED, SBX_DATABASE_UNAVAILABLE, SBX_DATABASE_REFUSED, SBX_DATABASE_TOO_NEW
 */
export async function openDatabase(
  settings: Settings,
  secret: (reference: SecretReference) => Promise<string>,
): Promise<Database> {
  const { database } = settings.service;
  if (database === 'sqlite') {
    assertNotEmptied(settings);
    return await openSqlite(sqliteFile(settings));
  }
  const url = await secret(database.postgres);
  // Loaded only where it is used.
  const { openPostgres } = await import('../storage/postgres/open-postgres.ts');
  return await openPostgres(url);
}

/** SQLite takes an empty file for a new database. Where this installation has run before, the file has lost what was in it. */
function assertNotEmptied(settings: Settings): void {
  const file = sqliteFile(settings);
  const isEmpty = existsSync(file) && statSync(file).size === 0;
  if (!isEmpty || !existsSync(join(settings.service.data_dir, 'intake', 'id'))) return;
  throw new SignalboxError('SBX_DATABASE_DAMAGED', `${file}: it is empty, and was not`);
}
