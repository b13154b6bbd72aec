import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { examine } from '../../src/cli/doctor/examine.ts';
import { openPostgres } from '../../src/storage/postgres/open-postgres.ts';
import { createDatabase, type PostgresDatabase } from '../support/postgres.ts';

let directory: string;
let place: PostgresDatabase;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-doctor-'));
  place = await createDatabase(process.env['SIGNALBOX_TEST_POSTGRES'] ?? '');
});
afterEach(async () => {
  await place.drop();
  await rm(directory, { recursive: true });
});

/** The lines about the database, for one address. */
async function lines(url: string): Promise<string[]> {
  const file = join(directory, 'signalbox.yaml');
  await writeFile(join(directory, 'url'), url, { mode: 0o600 });
  await writeFile(file, 'service: { data_dir: data, database: { postgres: { file: url } } }\n');
  const checks = await examine(file, { fix: false });
  const ours = checks.filter(({ name }) => name.startsWith('database'));
  return ours.map(({ status, name, detail, remedy }) => `${status} ${name}: ${detail} ${remedy}`.trim());
}

it('looks at an empty database, and at one in use, and changes neither', async () => {
  const [first, ...others] = await lines(place.url);
  expect(first).toMatch(/^OK database: PostgreSQL \d+\.\d+.*, database t[0-9a-f]+, as signalbox$/);
  expect(others).toEqual([
    'OK database rights: may make and change tables in the schema public',
    'OK database schema: empty; the first start makes the tables',
    expect.stringMatching(/^OK database clock: 0\.\d s apart/),
  ]);
  const database = await openPostgres(place.url);
  expect((await lines(place.url))[2]).toMatch(/^OK database schema: up to date \(\d{4}-/);
  await sql`delete from kysely_migration where name > '0003-z'`.execute(database.query);
  expect((await lines(place.url))[2]).toMatch(/^WARN database schema: older than this version: 0004-/);
  await database.close();
});

it('says which rights are lacking, and an address that leads nowhere without its password', async () => {
  const database = await openPostgres(place.url);
  const role = `r${place.url.match(/\/t([0-9a-f]+)/)?.[1]}`;
  await sql`create role ${sql.ref(role)} login password 's3cret'`.execute(database.query);
  const url = place.url.replace('signalbox@', `${role}:s3cret@`);
  expect((await lines(url))[1]).toMatch(/^FAIL database rights: the user may make no tables .* grant create on schema/);
  await sql`grant create on schema public to ${sql.ref(role)}`.execute(database.query);
  const [, rights, ...rest] = await lines(url);
  expect(rights).toMatch(/^FAIL database rights: tables that do not belong to the user: .*\bwork\b/);
  expect(rest).toEqual([expect.stringContaining('database clock')]);
  await sql`drop owned by ${sql.ref(role)}`.execute(database.query);
  await sql`drop role ${sql.ref(role)}`.execute(database.query);
  await database.close();
  const [nowhere, ...more] = await lines('postgres://ada:s3cret@127.0.0.1:1/x');
  expect([nowhere, more]).toEqual([expect.stringMatching(/^FAIL database: SBX_DATABASE_UNAVAILABLE: /), []]);
  expect(nowhere).not.toContain('s3cret');
  expect((await lines('no address s3cret'))[0]).toMatch(
    /^FAIL database: SBX_DATABASE_(REFUSED|UNAVAILABLE)(?!.*s3cret)/,
  );
});
