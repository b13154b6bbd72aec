import type { Kysely, Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** The service's database: typed queries, short transactions, and one call for rows that arrive faster than one commit each. */
export interface Database {
  readonly engine: 'sqlite' | 'postgres';
  readonly query: Kysely<Tables>;
  /** Runs `work` in one transaction, serialised against every other writer; what it returns is on disk. */
  transaction<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T>;
  /** Runs one statement for each set of parameters in one transaction, without a round trip per row; how many rows it changed. */
  insertMany(sql: string, rows: readonly (readonly SqlValue[])[], options?: InsertOptions): Promise<number>;
  close(): Promise<void>;
}

export interface InsertOptions {
  /** Index of a parameter with bytes to be stored packed; read them back through `unpackBytes`. */
  compress?: number;
}

export type SqlValue = string | number | bigint | Uint8Array | null;
