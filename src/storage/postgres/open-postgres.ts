import { setTimeout as pause } from 'node:timers/promises';
import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import type { Database } from '../database.ts';
import type { ColumnTypes } from '../dialect.ts';
import { MIGRATIONS, migrate, type Steps } from '../migrate.ts';
import type { Tables } from '../tables.ts';
import { useByteOrder } from './byte-order.ts';
import { countVerdicts } from './count-verdicts.ts';
import { Listener } from './listener.ts';
import { createPool } from './pool.ts';
import { ServerClock } from './server-clock.ts';
import { isConflict } from './translate-error.ts';

const POSTGRES_TYPES: ColumnTypes = {
  identity: 'bigint',
  asIdentity: column => column.primaryKey().generatedByDefaultAsIdentity(),
  bytes: 'bytea',
  countVerdicts,
  finish: useByteOrder,
};

/** A transaction that met another one is tried again after a pause of up to so many milliseconds for each try. */
const TRIES = 12;
const PAUSE = 25;

/**
 * Connects to a PostgreSQL database, and migrates it. Any number of processes may do so.
 *
 * @throws SignalboxError SBX_DATABASE_UNAVAILABLE, SBX_DATABASE_REFUSED, SBX_DATABASE_RIGHTS, SBX_DATABASE_TOO_NEW
 */
export async function openPostgres(url: string, steps: Steps = MIGRATIONS): Promise<Database> {
  await migrateWithPatience(url, steps);
  const query = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: createPool(url) }) });
  const clock = new ServerClock(query as unknown as Kysely<unknown>);
  await clock.start();
  const listener = new Listener(url);
  return {
    engine: 'postgres',
    query,
    transaction: work => transact(query, work),
    clock: () => clock.now(),
    listen: told => listener.add(told),
    close: async () => {
      clock.stop();
      await listener.close();
      await query.destroy();
    },
  };
}

/** On connections of its own: a new index on a large table takes longer than any query may afterwards. */
async function migrateWithPatience(url: string, steps: Steps): Promise<void> {
  const database = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: createPool(url, { patient: true }) }) });
  try {
    // An earlier program at work beside it locks the same tables, in another order.
    await withPatience(() => migrate(database, POSTGRES_TYPES, steps));
  } finally {
    await database.destroy();
  }
}

function transact<T>(query: Kysely<Tables>, work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T> {
  // Each statement sees what was committed before it: what a lock has waited for is seen by the next statement.
  return withPatience(() => query.transaction().setIsolationLevel('read committed').execute(work));
}

async function withPatience<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries >= TRIES || !isConflict(error)) throw error;
      await pause(Math.random() * PAUSE * tries);
    }
  }
}
