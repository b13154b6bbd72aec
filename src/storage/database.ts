import type { Kysely, Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** The service's database: typed queries and short transactions. */
export interface Database {
  readonly engine: 'sqlite' | 'postgres';
  readonly query: Kysely<Tables>;
  /** Runs `work` in one transaction, serialised against every other writer; what it returns is on disk. */
  transaction<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
