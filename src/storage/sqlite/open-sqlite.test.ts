import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MIGRATIONS } from '../migrate.ts';
import { unpackBytes } from '../pack-bytes.ts';
import { packed } from '../packed-bytes.ts';
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

it('refuses a database with a damaged page, before anything is built upon it', async () => {
  const database = await openSqlite(file);
  const many = Array.from({ length: 400 }, (_, n) => ({ kind: 'k', id: `d${n}`, body: 'x'.repeat(500) }));
  await database.query
    .insertInto('documents')
    .values(many.map(each => ({ ...each, revision: 1, changed_at: 1 })))
    .execute();
  await database.close();
  const bytes = await readFile(file);
  const pages = bytes.length / 8192;
  expect(pages).toBeGreaterThan(20);
  // A page of the table itself: neither the schema nor its root.
  bytes.fill(0xa5, (pages - 4) * 8192, (pages - 3) * 8192);
  await writeFile(file, bytes);
  await expect(openSqlite(file)).rejects.toMatchObject({ code: 'SBX_DATABASE_DAMAGED' });
  expect((await readFile(file)).equals(bytes)).toBe(true);
});

it('says that the disk is full, loses nothing that was there, and goes on when there is room', async () => {
  const database = await openSqlite(file);
  await insert(database.query, '1', Buffer.from('{}'));
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(database.query);
  await sql`pragma max_page_count = ${sql.lit(rows[0]!.page_count)}`.execute(database.query);
  const large = new Uint8Array(100_000);
  await expect(insert(database.query, '2', large)).rejects.toMatchObject({ code: 'SBX_DATABASE_FULL' });
  const inTransaction = database.transaction(async transaction => {
    await insert(transaction, 'small', Buffer.from('{}'));
    await insert(transaction, '2', large);
  });
  await expect(inTransaction).rejects.toMatchObject({ code: 'SBX_DATABASE_FULL' });
  await sql`pragma max_page_count = 100000`.execute(database.query);
  await insert(database.query, '3', large);
  const kept = await database.query.selectFrom('deliveries').select('dedupe_key').orderBy('id').execute();
  expect(kept.map(row => row.dedupe_key)).toEqual(['1', '3']);
  await database.close();
});

it('says that the file cannot be written', async () => {
  const database = await openSqlite(file);
  await sql`pragma query_only = 1`.execute(database.query);
  const refused = insert(database.query, '1', Buffer.from('{}'));
  await expect(refused).rejects.toMatchObject({ code: 'SBX_DATABASE_UNWRITABLE' });
  await database.close();
  await expect(openSqlite(join(directory, 'missing', 'signalbox.db'))).rejects.toMatchObject({
    code: 'SBX_DATABASE_UNWRITABLE',
  });
});

it('is used by an older program beside a newer one that extends the schema, until that takes something away', async () => {
  const extend = async (query: Kysely<unknown>) => {
    await query.schema.alterTable('work').addColumn('urgency', 'text').execute();
  };
  const nothing = async () => undefined;
  await (await openSqlite(file, { ...MIGRATIONS, '9001-urgency': extend })).close();
  await (await openSqlite(file)).close();
  const steps = { ...MIGRATIONS, '9001-urgency': extend, '9002-drop-needs-9001': nothing };
  await (await openSqlite(file, steps)).close();
  await expect(openSqlite(file)).rejects.toMatchObject({ code: 'SBX_DATABASE_TOO_NEW' });
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
