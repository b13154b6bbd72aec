import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packed, unpackBytes } from '../packed-bytes.ts';
import type { Tables } from '../tables.ts';
import { openSqlite } from './open-sqlite.ts';

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-sqlite-'));
  file = join(directory, 'signalbox.db');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const insert = (query: Kysely<Tables>, dedupeKey: string, body: Uint8Array | RawBuilder<Uint8Array>) =>
  query
    .insertInto('deliveries')
    .values({ source: 's', dedupe_key: dedupeKey, event: 'e', origin: 'pushed', received_at: 1, body, state: 'sorted' })
    .execute();

it('refuses a file that is no database, and leaves it as it is', async () => {
  const text = 'this is no database at all\n'.repeat(1000);
  await writeFile(file, text);
  await expect(openSqlite(file)).rejects.toMatchObject({ code: 'SBX_DATABASE_DAMAGED' });
  expect(await readFile(file, 'utf8')).toBe(text);
});

it('refuses a database whose schema was overwritten', async () => {
  const database = await openSqlite(file);
  await database.close();
  const bytes = await readFile(file);
  bytes.fill(0xa5, 100, 8192);
  await writeFile(file, bytes);
  await expect(openSqlite(file)).rejects.toMatchObject({ code: 'SBX_DATABASE_DAMAGED' });
});

it('commits so that a power cut loses nothing', async () => {
  const database = await openSqlite(file);
  const journal = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(database.query);
  const sync = await sql<{ synchronous: number }>`pragma synchronous`.execute(database.query);
  expect([journal.rows[0]?.journal_mode, sync.rows[0]?.synchronous]).toEqual(['wal', 2]);
  await database.close();
});

it('finds everything again after it was opened a second time', async () => {
  const first = await openSqlite(file);
  const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(5000) }));
  await insert(first.query, '1', packed(first, body));
  await first.close();
  const second = await openSqlite(file);
  const [row] = await second.query.selectFrom('deliveries').select('body').execute();
  expect(row!.body.byteLength).toBeLessThan(200);
  expect(Buffer.from(unpackBytes(row!.body))).toEqual(body);
  await second.close();
});

it('stores all of a transaction or nothing', async () => {
  const database = await openSqlite(file);
  const one = Buffer.from('{}');
  const twice = database.transaction(async transaction => {
    await insert(transaction, '1', one);
    await insert(transaction, '1', one);
  });
  await expect(twice).rejects.toThrow(/UNIQUE/);
  expect(await database.query.selectFrom('deliveries').select('id').execute()).toEqual([]);
  await insert(database.query, '1', one);
  await database.close();
});
