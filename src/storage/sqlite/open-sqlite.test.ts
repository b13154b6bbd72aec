import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqlite } from './open-sqlite.ts';

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-sqlite-'));
  file = join(directory, 'signalbox.db');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const INSERT = `insert into deliveries (source, dedupe_key, event, origin, received_at, body) values ('s', ?, 'e', 'pushed', 1, ?)`;

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
  expect(
    await first.insertMany(
      INSERT,
      [
        ['1', body],
        ['2', Buffer.from('{}')],
      ],
      { compress: 1 },
    ),
  ).toBe(2);
  await first.close();
  const second = await openSqlite(file);
  const rows = await second.query.selectFrom('deliveries').select(['dedupe_key', 'body']).orderBy('id').execute();
  expect(rows.map(row => row.dedupe_key)).toEqual(['1', '2']);
  expect(rows[0]!.body.byteLength).toBeLessThan(200);
  await second.close();
});

it('stores all rows of a batch or none', async () => {
  const database = await openSqlite(file);
  const one = Buffer.from('{}');
  await expect(
    database.insertMany(INSERT, [
      ['1', one],
      ['1', one],
    ]),
  ).rejects.toThrow(/UNIQUE/);
  expect(await database.query.selectFrom('deliveries').select('id').execute()).toEqual([]);
  expect(await database.insertMany(INSERT, [['1', one]])).toBe(1);
  await database.close();
});
