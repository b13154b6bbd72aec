import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase } from '../../test/support/postgres.ts';
import type { Database } from '../storage/database.ts';
import { openPostgres } from '../storage/postgres/open-postgres.ts';
import { openSqlite } from '../storage/sqlite/open-sqlite.ts';
import { type DeliveryLog, openDeliveryLog } from './intake/delivery-log.ts';
import type { Pace } from './work/back-off.ts';

/** A real database and intake log of their own, for one test. */
export interface TemporaryDatabase {
  database: Database;
  intake: DeliveryLog;
  remove: () => Promise<void>;
}

/** On SQLite; on the server that test/support/conformance.ts has started where the tests run a second time for PostgreSQL. */
export async function temporaryDatabase(): Promise<TemporaryDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-engine-'));
  const isPostgres = process.env['SIGNALBOX_TEST_DATABASE'] === 'postgres';
  const { database, drop } = isPostgres ? await onPostgres() : await onSqlite(directory);
  const intake = await openDeliveryLog({ directory: join(directory, 'intake'), database });
  return {
    database,
    intake,
    remove: async () => {
      await intake.close();
      await database.close();
      await drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function onSqlite(directory: string) {
  return { database: await openSqlite(join(directory, 'signalbox.db')), drop: async () => undefined };
}

async function onPostgres() {
  const { url, drop } = await createDatabase(process.env['SIGNALBOX_TEST_POSTGRES'] ?? '');
  return { database: await openPostgres(url), drop };
}

/** Steps small enough that a test which runs through them ends at once. */
export const QUICK_PACE: Pace = {
  settle: 1,
  spacing: 5,
  maxSpacing: 20,
  backOff: 5,
  maxBackOff: 20,
  attempts: 3,
  lease: 30_000,
  grace: 50,
};
