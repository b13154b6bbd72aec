import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { countRecords } from '../../src/engine/records/list-records.ts';
import type { Database } from '../../src/storage/database.ts';
import { MIGRATIONS, type Steps } from '../../src/storage/migrate.ts';
import { openPostgres } from '../../src/storage/postgres/open-postgres.ts';
import { openSqlite } from '../../src/storage/sqlite/open-sqlite.ts';
import { createDatabase } from '../support/postgres.ts';
import { judgeChange, type Schema } from './judge-change.ts';
import { readSchema } from './read-schema.ts';

const NAMES = Object.keys(MIGRATIONS);
/** One that takes something away says which migration a program must know; see src/storage/judge-schema.ts. */
const NEEDS = /-needs-(\d{4})$/;

type Open = (steps: Steps) => Promise<Database>;

/** An empty database, to be opened by one program after the other. */
async function newPlace(): Promise<Open> {
  if (process.env['SIGNALBOX_TEST_DATABASE'] === 'postgres') {
    const { url, drop } = await createDatabase(process.env['SIGNALBOX_TEST_POSTGRES'] ?? '');
    onTestFinished(drop);
    return steps => openPostgres(url, steps);
  }
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-migrations-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return steps => openSqlite(join(directory, 'signalbox.db'), steps);
}

async function schemaAfter(open: Open, steps: Steps): Promise<Schema> {
  const database = await open(steps);
  try {
    return await readSchema(database);
  } finally {
    await database.close();
  }
}

const firstOf = (count: number): Steps => Object.fromEntries(Object.entries(MIGRATIONS).slice(0, count));

it('adds and takes nothing away, from one migration to the next: an earlier program goes on beside this one', async () => {
  const open = await newPlace();
  let before = await schemaAfter(open, firstOf(1));
  expect(Object.keys(before.columns)).toContain('work.due_at');
  expect(before.unique).toContain('deliveries(source, dedupe_key)');
  for (const [index, name] of NAMES.entries()) {
    const after = await schemaAfter(open, firstOf(index + 1));
    const needed = NEEDS.exec(name)?.[1];
    if (needed === undefined) expect([name, judgeChange(before, after)]).toEqual([name, []]);
    else expect([name, NAMES.slice(0, index).some(each => each.startsWith(needed))]).toEqual([name, true]);
    before = after;
  }
  // What takes something away is noticed by the same reading.
  const damage = { ...MIGRATIONS, '9001-damage': spoil };
  expect(judgeChange(before, await schemaAfter(open, damage))).toEqual([
    'deliveries.chain is gone, or has another name',
    'effects.ref is gone, or has another name',
    'records.added is new, and must be named by who writes a row',
    'deliveries(source, dedupe_key) is not unique any more: "on conflict" needs it',
    'journal(at) is unique now: what was written before may be refused',
  ]);
});

it('counts the verdicts that were there before it could', async () => {
  const open = await newPlace();
  const upTo = NAMES.findIndex(name => name.startsWith('0005-'));
  const row = {
    automation: 'board',
    facts: '{}',
    because: '[]',
    plan: '[]',
    fingerprint: 'f',
    decided_at: 1,
    since: 1,
    journal_seq: 1,
  };
  const write = async (steps: Steps, keys: string[]) => {
    const database = await open(steps);
    await database.query
      .insertInto('records')
      .values(keys.map(key => ({ ...row, key, verdict: `moves to ${key}` })))
      .execute();
    const of = { automation: 'board', keys: 'issue:', verdicts: ['moves to'] };
    const count = steps === MIGRATIONS ? await countRecords(database.query, of) : null;
    await database.close();
    return count;
  };
  await write(firstOf(upTo), ['issue:a#1', 'issue:a#2', 'board:a']);
  expect(await write(MIGRATIONS, ['issue:a#3'])).toBe(3);
});

const spoil: Steps[string] = async database => {
  await sql`alter table effects drop column ref`.execute(database);
  await sql`alter table deliveries rename column chain to thread`.execute(database);
  await sql`drop table records`.execute(database);
  await sql`create table records (key text primary key, automation text not null, facts text not null, verdict text not null,
    because text not null, plan text not null, memory text, fingerprint text not null, decided_at bigint not null,
    since bigint not null, journal_seq bigint not null, added text not null)`.execute(database);
  await sql`drop index deliveries_once`.execute(database);
  await sql`create unique index journal_at on journal (at)`.execute(database);
};

const column = { type: 'text', nullable: false, optional: false };
it.each<[string, Partial<Schema['columns'][string]> | null, Partial<Schema['columns'][string]> | null, string[]]>([
  ['the same', {}, {}, []],
  ['another type', {}, { type: 'bigint' }, ['t.c is of type bigint instead of text']],
  ['no null any more', { nullable: true, optional: true }, {}, ['t.c takes no null any more']],
  ['null, as nobody expects', {}, { nullable: true, optional: true }, ['t.c can be null, which nobody expects']],
  ['no default any more', { optional: true }, {}, ['t.c must be named by who writes a row']],
  ['new with a default', null, { optional: true }, []],
  ['new without one', null, {}, ['t.c is new, and must be named by who writes a row']],
])('judges a column that is %s', (_what, was, is, faults) => {
  const schema = (more: typeof was): Schema => ({
    columns: { 't.id': column, ...(more && { 't.c': { ...column, ...more } }) },
    unique: [],
  });
  expect(judgeChange(schema(was), schema(is))).toEqual(faults);
  const table: Schema = { columns: { ...schema(was).columns, 'new.c': column }, unique: ['new(c)'] };
  expect(judgeChange(schema(was), table)).toEqual([]);
});
