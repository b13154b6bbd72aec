import { randomUUID } from 'node:crypto';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDatabase, type PostgresDatabase } from '../../../test/support/postgres.ts';
import type { SignalboxError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { MIGRATIONS, type Steps } from '../migrate.ts';
import { openPostgres } from './open-postgres.ts';
import { createPool } from './pool.ts';

let place: PostgresDatabase;
const opened: Database[] = [];
beforeEach(async () => {
  place = await createDatabase(process.env['SIGNALBOX_TEST_POSTGRES'] ?? '');
});
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
  await place.drop();
});

async function open(steps: Steps = MIGRATIONS): Promise<Database> {
  const database = await openPostgres(place.url, steps);
  opened.push(database);
  return database;
}

const document = (id: string) => ({ kind: 'k', id, body: '1', revision: 1, changed_at: 1 });

it('is migrated once by many processes that start at the same time', async () => {
  const all = await Promise.all(Array.from({ length: 6 }, () => open()));
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(all[0]!.query);
  expect(rows.map(row => row.name).toSorted()).toEqual(Object.keys(MIGRATIONS));
});

it('orders and compares text by its bytes, as SQLite does', async () => {
  const { query } = await open();
  const ids = ['p/1.10', 'P/1.0', 'p-1', 'p/1.9', 'ä', 'p'];
  await query.insertInto('documents').values(ids.map(document)).execute();
  const found = await query.selectFrom('documents').select('id').orderBy('id').execute();
  const bytes = ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(found.map(row => row.id)).toEqual(bytes);
});

it('gives whole numbers and bytes as SQLite does', async () => {
  const { query } = await open();
  const body = Buffer.from([0, 255, 10, 92]);
  const values = { source: 's', dedupe_key: 'd', event: 'e', origin: 'pushed' as const, state: 'sorted' as const };
  const at = Date.now();
  await query
    .insertInto('deliveries')
    .values({ ...values, received_at: at, body })
    .execute();
  const [row] = await query.selectFrom('deliveries').selectAll().execute();
  expect(row).toMatchObject({ id: 1, received_at: at });
  expect(body.equals(row!.body)).toBe(true);
});

it('tries a transaction again that met another one', async () => {
  const database = await open();
  await database.query
    .insertInto('documents')
    .values([document('a'), document('b')])
    .execute();
  let tries = 0;
  const touch = (first: string, second: string, both: Promise<unknown>, arrived: () => void) =>
    database.transaction(async transaction => {
      tries++;
      const add = (id: string) =>
        transaction.updateTable('documents').set({ revision: sql`revision + 1` }).where('id', '=', id).execute();
      await add(first);
      arrived();
      await both;
      await add(second);
    });
  const one = Promise.withResolvers<void>();
  const other = Promise.withResolvers<void>();
  const both = Promise.all([one.promise, other.promise]);
  await Promise.all([touch('a', 'b', both, one.resolve), touch('b', 'a', both, other.resolve)]);
  const rows = await database.query.selectFrom('documents').select('revision').execute();
  expect([tries, rows.map(row => row.revision)]).toEqual([3, [3, 3]]);
});

it('goes on after every connection was cut', async () => {
  const database = await open();
  const admin = await openPostgres(place.url);
  opened.push(admin);
  const cut = () =>
    sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`.execute(admin.query);
  const lost = database.transaction(async transaction => {
    await transaction.insertInto('documents').values(document('lost')).execute();
    await cut();
    await transaction.insertInto('documents').values(document('too')).execute();
  });
  await expect(lost).rejects.toMatchObject({ code: 'SBX_DATABASE_UNAVAILABLE' });
  await cut();
  await database.query.insertInto('documents').values(document('after')).execute();
  const rows = await database.query.selectFrom('documents').select('id').execute();
  expect(rows).toEqual([{ id: 'after' }]);
});

it('hears of keys that another process makes due, also after its connection was cut', async () => {
  const listening = await open();
  const other = await open();
  let told = 0;
  listening.listen(() => told++);
  await expect.poll(() => told).toBe(1);
  await sql`select pg_notify('signalbox_work', '')`.execute(other.query);
  await expect.poll(() => told).toBe(2);
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query like 'listen%'`.execute(other.query);
  // Something may have been told while nobody listened.
  await expect.poll(() => told, { timeout: 15_000 }).toBe(3);
});

it('says what is wrong with an address without repeating it', async () => {
  const wrong = openPostgres('postgres://ada:s3cret@localhost:notaport/x');
  const error = await wrong.catch((thrown: unknown) => thrown as SignalboxError);
  expect(error).toMatchObject({ code: 'SBX_DATABASE_REFUSED' });
  expect(JSON.stringify(error)).not.toContain('s3cret');
  const missing = openPostgres(place.url.replace(/\/t[0-9a-f]+\?/, '/nothing_here?'));
  await expect(missing).rejects.toMatchObject({ code: 'SBX_DATABASE_REFUSED' });
  const nobody = openPostgres('postgres://ada:s3cret@127.0.0.1:1/x');
  await expect(nobody).rejects.toMatchObject({ code: 'SBX_DATABASE_UNAVAILABLE' });
});

const expand = async (database: Kysely<unknown>) => {
  await database.schema.alterTable('work').addColumn('urgency', 'text').execute();
  await database.schema.createTable('agents').addColumn('name', 'text').execute();
};
const contract = async (database: Kysely<unknown>) => {
  await database.schema.alterTable('work').dropColumn('burst').execute();
};

it('lets an older program go on beside a newer one that extends the schema, until it takes something away', async () => {
  const older = await open();
  await open({ ...MIGRATIONS, '9001-agents': expand });
  const values = { key: 'a:1', kind: 'a', reasons: '[]', burst: 0, attempts: 0 };
  await older.query.insertInto('work').values(values).execute();
  expect(await older.query.selectFrom('work').selectAll().execute()).toMatchObject([{ key: 'a:1' }]);
  const restarted = await open();
  expect(await restarted.query.selectFrom('work').selectAll().execute()).toMatchObject([{ key: 'a:1' }]);
  const steps = { ...MIGRATIONS, '9001-agents': expand, '9002-drop-burst-needs-9001': contract };
  await open(steps);
  await expect(openPostgres(place.url)).rejects.toMatchObject({ code: 'SBX_DATABASE_TOO_NEW' });
  // Columns of later migrations compare by bytes, too.
  const { rows } = await sql<{ name: string }>`
    select k.collname as name from pg_attribute a join pg_collation k on k.oid = a.attcollation
    where a.attrelid = 'work'::regclass and a.attname = 'urgency'`.execute(opened.at(-1)!.query);
  expect(rows).toEqual([{ name: 'C' }]);
});

it('names the right that is missing, where another user has made the database', async () => {
  const owner = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: createPool(place.url) }) });
  const user = `u${randomUUID().replaceAll('-', '')}`;
  await sql`create role ${sql.id(user)} login`.execute(owner);
  try {
    // As every new database has it since PostgreSQL 15.
    await sql`revoke create on schema public from public`.execute(owner);
    const url = place.url.replace('//signalbox@', `//${user}@`);
    await expect(openPostgres(url)).rejects.toMatchObject({
      code: 'SBX_DATABASE_RIGHTS',
      detail: 'permission denied for schema public',
    });
    await sql`grant create on schema public to ${sql.id(user)}`.execute(owner);
    opened.push(await openPostgres(url));
  } finally {
    for (const database of opened.splice(0)) await database.close();
    await sql`drop owned by ${sql.id(user)}`.execute(owner);
    await sql`drop role ${sql.id(user)}`.execute(owner);
    await owner.destroy();
  }
});
