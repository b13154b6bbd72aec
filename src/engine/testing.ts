import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../storage/database.ts';
import { openSqlite } from '../storage/sqlite/open-sqlite.ts';
import { type DeliveryLog, openDeliveryLog } from './intake/delivery-log.ts';
import type { Pace } from './work/back-off.ts';

/** A real database file and intake log in a directory of their own, for one test. */
export interface TemporaryDatabase {
  database: Database;
  intake: DeliveryLog;
  file: string;
  remove: () => Promise<void>;
}

export async function temporaryDatabase(): Promise<TemporaryDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-engine-'));
  const file = join(directory, 'signalbox.db');
  const database = await openSqlite(file);
  const intake = await openDeliveryLog({ directory: join(directory, 'intake'), database });
  return {
    database,
    intake,
    file,
    remove: async () => {
      await intake.close();
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Steps small enough that a test which runs through them ends at once. */
export const QUICK_PACE: Pace = {
  settle: 1,
  spacing: 5,
  maxSpacing: 20,
  backOff: 5,
  maxBackOff: 20,
  attempts: 3,
  lease: 5_000,
  grace: 50,
};
