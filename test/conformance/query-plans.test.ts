import { type CompiledQuery, sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Settings } from '../../src/config/schema.ts';
import { createDocuments } from '../../src/engine/documents/documents.ts';
import { performEffect } from '../../src/engine/effects/perform.ts';
import { explainKey } from '../../src/engine/explain.ts';
import { readPosition, savePosition } from '../../src/engine/intake/log-position.ts';
import { pruneDeliveries } from '../../src/engine/intake/prune-deliveries.ts';
import { storeDeliveries } from '../../src/engine/intake/store-deliveries.ts';
import { appendJournal, readJournal } from '../../src/engine/journal/journal.ts';
import { headOf, searchJournal } from '../../src/engine/journal/search-journal.ts';
import { countRecords, createRecords, listRecords } from '../../src/engine/records/list-records.ts';
import { readDecision, readMemory } from '../../src/engine/records/record-decision.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../../src/engine/testing.ts';
import { DEFAULT_PACE } from '../../src/engine/work/back-off.ts';
import { releaseLeases, renewLeases } from '../../src/engine/work/leases.ts';
import { listWork } from '../../src/engine/work/list-work.ts';
import { claimWork, failWork, finishWork, nextDue, signalWork } from '../../src/engine/work/work-store.ts';
import { listHands } from '../../src/service/dashboard/needs-hand.ts';
import { journalRows, overdueSeconds, releaseStates, workByKind } from '../../src/service/metrics/read-state.ts';
import type { Database } from '../../src/storage/database.ts';
import { explain, rowsRead, type Watched, watchQueries } from '../support/watch-queries.ts';

const ROWS = 20_000;
const pace = DEFAULT_PACE;
const NOW = 1_000_000_000;
const DAY = 24 * 60 * 60_000;

let place: TemporaryDatabase;
let watched: Watched;
let database: Database;
beforeAll(async () => {
  place = await temporaryDatabase();
  watched = watchQueries(place.database);
  database = watched.database;
  await fill();
});
afterAll(() => place.remove());

/** Tables as they are after a long time: almost all keys at rest, deliveries of a month, a journal of everything. */
async function fill(): Promise<void> {
  const { query, engine } = place.database;
  const numbers = sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${sql.lit(ROWS)})`;
  const text = sql.raw(`'"${'x'.repeat(200)}"'`);
  const due = sql`case when i % 500 = 0 then ${sql.lit(NOW)} + i end`;
  const held = sql`case when i % 1000 = 1 then 'somebody' end`;
  const until = sql`case when i % 1000 = 1 then ${sql.lit(NOW)} + i end`;
  const dead = sql`case when i % 1000 = 2 then ${sql.lit(NOW)} + i end`;
  const attempts = sql`case when i % 1000 = 0 then 7 else 0 end`;
  // A few of another kind among them, and a few verdicts that are rare.
  const kind = sql`case when i % 2000 = 3 then 'shelf' else 'thing' end`;
  const verdict = sql`case when i % 2000 = 7 then 'blocked: ' || i when i % 2000 = 3 then 'empty' else 'ok: ' || (i % 5) end`;
  const bytes = engine === 'sqlite' ? sql`zeroblob(100)` : sql`decode(repeat('00', 100), 'hex')`;
  const fills = [
    sql`insert into work (key, kind, due_at, reasons, burst, attempts, owner, lease_until, dead_at)
      ${numbers} select ${kind} || ':' || i, ${kind}, ${due}, '[]', 0, ${attempts}, ${held}, ${until}, ${dead} from n`,
    sql`insert into records (key, automation, facts, verdict, because, plan, fingerprint, decided_at, since, journal_seq)
      ${numbers} select ${kind} || ':' || i, 'things', ${text}, ${verdict}, '[]', '[]', 'f', i, i, i from n`,
    sql`insert into effects (key, name, state, summary, started_at)
      ${numbers} select 'thing:' || (i % 5000), 'e' || i, 'done', 's', i from n`,
    sql`insert into journal (seq, at, kind, key, data, hash)
      ${numbers} select i, i, case when i % 100 = 0 then 'operator' else 'signal' end, 'thing:' || (i % 2000), ${text}, 'h' from n`,
    sql`insert into documents (kind, id, body, revision, changed_at)
      ${numbers} select 'k' || (i % 4), 'p' || (i % 50) || '/' || i, ${text}, 1, i from n`,
    sql`insert into deliveries (source, dedupe_key, event, origin, received_at, body, state, keys)
      ${numbers} select 'gitlab', 'd' || i, 'e', 'pushed', ${sql.lit(NOW + 40 * DAY)} + i, ${bytes}, 'sorted', '[]' from n`,
  ];
  for (const each of fills) await each.execute(query);
  if (engine === 'postgres') await sql`vacuum analyze`.execute(query);
}

const inTransaction = (work: Parameters<Database['transaction']>[0]) => () => database.transaction(work);
const signals = ['thing:5', 'thing:77', 'thing:new'].map(key => ({ key, reason: 'r', chain: null }));
const delivery = {
  delivery: {
    source: 'gitlab',
    dedupeKey: 'd5',
    event: 'e',
    chain: null,
    origin: 'pushed' as const,
    receivedAt: 1,
    body: Buffer.from('{}'),
  },
  state: 'sorted' as const,
  keys: [],
};
const claim = { key: 'thing:5', kind: 'thing', reasons: [], chain: null, attempts: 0 };
const documents = () => createDocuments({ database, pace, now: () => NOW, wake: () => undefined });
const effect = { name: 'act', summary: 's', find: async () => 1, do: async () => 1 };

const things = { automation: 'things', keys: 'thing:' };
/** Nothing that the list of what needs a hand would leave out. */
const settings = { races: undefined } as unknown as Settings;

/** What runs for every event, or while somebody looks at a page. */
const HOT: [string, () => Promise<unknown>][] = [
  [
    'taking due keys',
    () =>
      claimWork(database, {
        owner: 'a',
        limit: 8,
        pace,
        now: NOW + 3000,
        busy: ['thing:1', 'x:2'],
        kinds: ['thing', 'x'],
      }),
  ],
  ['taking due keys of any kind', () => claimWork(database, { owner: 'a', limit: 8, pace, now: NOW + 3000 })],
  ['finding when the next is due', () => nextDue(database.query, { busy: ['thing:1', 'x:2'], kinds: ['thing', 'x'] })],
  ['the list of keys', () => listWork(database.query, { limit: 500 })],
  ['the list of keys that are due', () => listWork(database.query, { state: 'due', limit: 500 })],
  ['the list of keys that are looked at', () => listWork(database.query, { state: 'running', limit: 500 })],
  ['the list of keys that are laid aside', () => listWork(database.query, { state: 'laid_aside', limit: 500 })],
  ['finding how late the work is', () => overdueSeconds(database, ['thing', 'x'], NOW)],
  ['renewing leases', () => renewLeases(database, 'a', ['thing:500', 'thing:1000'], NOW)],
  ['giving leases back at start', () => releaseLeases(database, { ours: 'some', now: NOW })],
  ['making keys due', inTransaction(each => signalWork(each, signals, { pace, now: NOW, engine: database.engine }))],
  [
    'ending a look',
    inTransaction(each => finishWork(each, { key: 'thing:5', owner: 'a', now: NOW, lookAgainAt: NOW })),
  ],
  [
    'ending a failed look',
    inTransaction(each =>
      failWork(each, {
        claim,
        owner: 'a',
        now: NOW,
        dueAt: NOW,
        attempts: 1,
        error: { code: 'c', detail: 'd' },
        engine: database.engine,
      }),
    ),
  ],
  ['storing deliveries', inTransaction(each => storeDeliveries(database, each, [delivery]))],
  ['removing old deliveries', () => pruneDeliveries(database.query, NOW)],
  ['keeping the place in the intake log', inTransaction(each => savePosition(each, 'l', { segment: 1, offset: 1 }))],
  ['reading the place in the intake log', () => readPosition(database.query, 'l')],
  [
    'writing the journal',
    inTransaction(each =>
      appendJournal(each, [{ at: NOW, kind: 'signal', key: 'thing:5', data: {} }], database.engine),
    ),
  ],
  ['the newest page of the journal', () => readJournal(database.query)],
  ['an older page of the journal', () => readJournal(database.query, { before: 9000 })],
  ['following the journal', () => readJournal(database.query, { after: 19_990 })],
  ['the journal of a key', () => readJournal(database.query, { key: 'thing:5' })],
  ['the journal of a kind', () => readJournal(database.query, { kind: 'operator', before: 9000 })],
  ['searching the journal for a text', () => searchJournal(database.query, { text: 'needle', limit: 50 })],
  ['searching the journal of a time', () => searchJournal(database.query, { from: 5000, to: 9000, limit: 50 })],
  ['searching the journal of a key', () => searchJournal(database.query, { key: 'thing:5', limit: 50 })],
  ['the newest row of the journal', () => headOf(database.query)],
  ['a list of decisions', () => listRecords(database.query, { automation: 'things', keys: 'thing:', limit: 50 })],
  [
    'the next page of a list of decisions',
    () =>
      listRecords(database.query, {
        automation: 'things',
        keys: 'thing:',
        verdicts: ['blocked'],
        after: { since: 9000, key: 'thing:5' },
        limit: 50,
      }),
  ],
  [
    'a list of rare decisions',
    () => listRecords(database.query, { ...things, verdicts: ['blocked', 'waived'], limit: 50 }),
  ],
  [
    'a list of decisions on few keys',
    () => listRecords(database.query, { ...things, keys: 'shelf:', few: true, limit: 50 }),
  ],
  ['how many decisions begin so', () => countRecords(database.query, { ...things, verdicts: ['ok', 'blocked'] })],
  ['what was looked at since', () => createRecords(database.query).lookedAt({ ...things, since: 19_900, limit: 50 })],
  [
    'a page of what was looked at since',
    () =>
      createRecords(database.query).lookedAt({
        ...things,
        since: 100,
        before: { decidedAt: 9000, key: 'thing:9000' },
        limit: 50,
      }),
  ],
  ['what needs a hand', () => listHands({ database, documents: documents(), settings, now: () => NOW })],
  ['how many keys of each kind are in which state', () => workByKind(database)],
  ['how many rows the journal has', () => journalRows(database)],
  ['the states of releases', () => releaseStates(database)],
  ['explaining a key', () => explainKey(database.query, 'thing:5')],
  ['what a key remembers', () => readMemory(database.query, 'thing:5')],
  ['the decision on a key', () => readDecision(database.query, 'thing:5')],
  [
    'performing an effect',
    () =>
      performEffect(effect, {
        database,
        key: 'thing:5',
        automation: 'things',
        grace: 1,
        now: () => NOW,
        wait: async () => undefined,
      }),
  ],
  ['reading a document', () => documents().read('k1', 'p1/1')],
  ['documents with a beginning', () => documents().list('k1', { prefix: 'p11/', limit: 100 })],
  ['a page of documents', () => documents().list('k1', { after: 'p1/1', limit: 100 })],
  ['the newest documents', () => documents().list('k1', { newest: true, limit: 100 })],
  ['changing a document', () => documents().submit({ changes: [{ kind: 'k1', id: 'p1/1', body: 1, replaces: 1 }] })],
  ['storing a document', () => documents().submit({ changes: [{ kind: 'k1', id: 'p1/1', body: 1 }] })],
  ['removing a document', () => documents().submit({ changes: [{ kind: 'k1', id: 'p1/5', body: null, replaces: 1 }] })],
];

/** A step that reads a whole table, or a whole index of it. */
const SCAN =
  /^SCAN (?!CONSTANT|\d+-ROW|first$)|^(Seq|Parallel Seq) Scan (work|records|effects|journal|documents|deliveries)/;
/** One that reads most of it: all of an automation, of a kind. */
const WIDE = /^SEARCH (records|documents|journal) USING .*INDEX \w+ \((automation|kind)=\?\)$/;
/** Of keys at rest these indexes hold nothing. */
const SMALL = /USING (COVERING )?INDEX work_(due|leased|dead|failing)/;
/** Rows that are read for a page, and not for it: what PostgreSQL looks at and leaves out is counted, too. */
const MOST = 2_500;

async function scansOf(query: CompiledQuery): Promise<string[]> {
  const steps = await explain(place.database, query);
  // In the order of an index, and no further than the limit; rows of the same moment may be put in order.
  const stopsEarly = /\blimit\b/.test(query.sql) && !steps.some(step => /TEMP B-TREE FOR (?!LAST)/.test(step));
  const isSmall = (step: string) => SMALL.test(step) || (stopsEarly && /USING (COVERING )?INDEX/.test(step));
  const reads = steps.filter(step => (SCAN.test(step) || WIDE.test(step)) && !isSmall(step));
  const rows = /^select|^with/.test(query.sql) ? await rowsRead(place.database, query) : 0;
  return [...reads, ...(rows > MOST ? [`reads ${rows} rows`] : [])].map(step => `${step}: ${query.sql}`);
}

it.each(HOT)('%s reads no table from end to end', async (_what, run) => {
  watched.take();
  await run();
  const queries = watched.take();
  expect(queries.length).toBeGreaterThan(0);
  const scans = await Promise.all(queries.map(scansOf));
  expect(scans.flat()).toEqual([]);
});

it('would notice a query that does', async () => {
  const { query } = database;
  await query.selectFrom('journal').selectAll().where('data', '=', 'y').execute();
  // As these were asked before there were indexes for them.
  const { automation } = things;
  await query.selectFrom('records').select('key').where('automation', '=', automation).orderBy('facts').execute();
  await query
    .selectFrom('work')
    .select(['kind', sql`count(dead_at)`.as('dead')])
    .groupBy('kind')
    .execute();
  const queries = watched.take().slice(-3);
  for (const each of queries) expect(await scansOf(each)).not.toEqual([]);
});
