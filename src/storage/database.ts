import type { Kysely, Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** The service's database: typed queries and short transactions. */
export interface Database {
  readonly engine: Engine;
  readonly query: Kysely<Tables>;
  /**
   * Runs `work` in one transaction; what it returns is on disk. SQLite has one writer. On PostgreSQL others write meanwhile: what
   * must not change between reading and writing is locked or compared by whoever reads it, and `work` may be run several
   * times, because a deadlock or a conflict is tried again.
   */
  transaction<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T>;
  /** The time that leases go by, ms since the epoch: with several processes, that of the database server. */
  clock(): number;
  /** Calls back when another process may have made keys due. SQLite has no other process. */
  listen(told: () => void): void;
  close(): Promise<void>;
}

export type Engine = 'sqlite' | 'postgres';

/** By this channel processes on one PostgreSQL tell each other that keys were made due. */
export const WORK_CHANNEL = 'signalbox_work';
