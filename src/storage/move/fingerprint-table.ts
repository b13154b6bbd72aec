import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { pagesOf } from './pages-of.ts';

export interface Fingerprint {
  rows: number;
  /** Over every column of every row, in the order of the key. */
  sha256: string;
}

/** The same for the same rows, whichever engine holds them. */
export async function fingerprintTable(database: Kysely<Tables>, table: keyof Tables): Promise<Fingerprint> {
  const hash = createHash('sha256');
  let rows = 0;
  for await (const page of pagesOf(database, table)) {
    for (const row of page) {
      rows++;
      for (const column of Object.keys(row).toSorted()) {
        const bytes = toBytes(row[column]);
        // Lengths between them, so that no value can pass for two.
        hash.update(`${column} ${bytes === null ? 'null' : bytes.byteLength}\n`);
        if (bytes) hash.update(bytes);
      }
    }
  }
  return { rows, sha256: hash.digest('hex') };
}

function toBytes(value: unknown): Uint8Array | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return value;
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}
