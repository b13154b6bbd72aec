import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from './database.ts';

/** The first bytes of every zstd frame; no JSON text begins with them. */
const ZSTD_MAGIC = 0xfd2fb528;
/** Below this, packing costs more than the disk it saves. */
const WORTH_PACKING = 1024;
const FASTEST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Webhook bodies shrink to about a seventh. */
export function packBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength < WORTH_PACKING ? bytes : zstdCompressSync(bytes, FASTEST);
}

/**
 * Bytes to be stored packed. SQLite's thread does it, since it costs the event loop too much; PostgreSQL compresses large values
 * by itself.
 */
export function packed(database: Pick<Database, 'engine'>, bytes: Uint8Array): RawBuilder<Uint8Array> {
  return database.engine === 'sqlite' ? sql`pack_bytes(${bytes})` : sql`${bytes}`;
}

/** Reads what `packBytes` wrote, packed or not. */
export function unpackBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength < 4) return bytes;
  const magic = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  return magic === ZSTD_MAGIC ? zstdDecompressSync(bytes) : bytes;
}
