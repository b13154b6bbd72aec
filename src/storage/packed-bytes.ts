import { type RawBuilder, sql } from 'kysely';
import type { Database } from './database.ts';

/**
 * Bytes to be stored packed. SQLite's thread does it, since it costs the event loop too much; PostgreSQL compresses large values
 * by itself.
 */
export function packed(database: Pick<Database, 'engine'>, bytes: Uint8Array): RawBuilder<Uint8Array> {
  return database.engine === 'sqlite' ? sql`pack_bytes(${bytes})` : sql`${bytes}`;
}
