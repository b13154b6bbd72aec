import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SecretReference } from '../../config/fields.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { Settings } from '../../config/schema.ts';
import { readSecret } from '../../config/secrets.ts';
import { verifyJournal } from '../../engine/journal/journal.ts';
import { SignalboxError } from '../../errors.ts';
import { sqliteFile } from '../../service/open-database.ts';
import type { Database } from '../../storage/database.ts';
import { lockDataDirectory } from '../../storage/lock-data-directory.ts';
import { type MovedTable, moveDatabase } from '../../storage/move/move-database.ts';
import { openPostgres } from '../../storage/postgres/open-postgres.ts';
import { openSqlite } from '../../storage/sqlite/open-sqlite.ts';
import { progressBar } from '../progress-bar.ts';
import type { MoveCommand } from './move-command.ts';

export interface MoveOutcome {
  from: string;
  tables: MovedTable[];
  journal: { rows: number; head: string };
  /** How the configuration names the address from now on. */
  secret: string;
}

/**
 * Moves an installation from SQLite to PostgreSQL. The service must not run: the lock of the data directory is held to the end.
 *
 * @throws SignalboxError SBX_USAGE, SBX_DATA_DIRECTORY_IN_USE, SBX_DATABASE_NOT_EMPTY, SBX_DATABASE_MOVE_DIFFERS, SBX_JOURNAL_BROKEN …
 */
export async function moveToPostgres(options: MoveCommand): Promise<MoveOutcome> {
  if (options.to !== 'postgres') throw new SignalboxError('SBX_USAGE', '--to knows postgres only');
  const { settings } = await loadConfig(options.config, { environment: process.env });
  const reference = addressOf(options, settings.service.database);
  const { value: url } = await readSecret(reference, process.env);
  const file = sqliteFile(settings);
  const lock = lockDataDirectory(settings.service.data_dir);
  try {
    if (!existsSync(file)) throw new SignalboxError('SBX_USAGE', `there is nothing to move: ${file} does not exist`);
    const from = await openSqlite(file);
    try {
      return { from: file, secret: asYaml(reference), ...(await moveFrom(from, url)) };
    } finally {
      await from.close();
    }
  } finally {
    lock.release();
  }
}

async function moveFrom(from: Database, url: string): Promise<Pick<MoveOutcome, 'tables' | 'journal'>> {
  const before = await verifyJournal(from.query);
  if (!before.ok) throw new SignalboxError('SBX_JOURNAL_BROKEN', `row ${before.brokenAt}: ${before.detail}`);
  const to = await openPostgres(url);
  const bar = progressBar(process.stderr);
  try {
    const tables = await moveDatabase({
      from,
      to,
      verify: async copy => {
        const after = await verifyJournal(copy);
        if (!after.ok || after.head !== before.head) {
          throw new SignalboxError('SBX_DATABASE_MOVE_DIFFERS', 'the journal has another head');
        }
      },
      progress: ({ table, rows, of }) => bar.show(rows / Math.max(1, of), `${table}: ${rows} of ${of} rows`),
    });
    return { tables, journal: { rows: before.rows, head: before.head } };
  } finally {
    bar.end();
    await to.close();
  }
}

/** Where the address of the new database is: as told, else as configured already, else where it is by custom. */
function addressOf({ urlFile, urlEnv }: MoveCommand, configured: Settings['service']['database']): SecretReference {
  if (urlFile !== undefined) return { secretIn: 'file', path: resolve(urlFile) };
  if (urlEnv !== undefined) return { secretIn: 'env', name: urlEnv };
  return configured === 'sqlite' ? { secretIn: 'env', name: 'DATABASE_URL' } : configured.postgres;
}

function asYaml(reference: SecretReference): string {
  const place = reference.secretIn === 'file' ? reference.path : reference.name;
  return `{ ${reference.secretIn}: ${place} }`;
}
