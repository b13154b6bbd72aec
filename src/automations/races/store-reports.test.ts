import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDocuments, type Documents } from '../../engine/documents/documents.ts';
import { readJournal } from '../../engine/journal/journal.ts';
import { QUICK_PACE, temporaryDatabase } from '../../engine/testing.ts';
import { type BoxDocument, KIND, type ProjectDocument, type RaceDocument } from './store.ts';
import { type Batch, type IncomingReport, receiveBatch } from './store-reports.ts';
import { goReport } from './testing/reports.ts';

const DAY = 86_400_000;
let stage: Awaited<ReturnType<typeof temporaryDatabase>>;
let documents: Documents;
let now: number;
beforeEach(async () => {
  stage = await temporaryDatabase();
  now = Date.UTC(2026, 10, 23, 10);
  documents = createDocuments({ database: stage.database, pace: QUICK_PACE, now: () => now, wake: () => undefined });
});
afterEach(() => stage.remove());

const CACHE = goReport('acme.example/pump.(*Valve).Open', 'acme.example/pump.(*Gauge).Read');
const incoming = (more: Partial<IncomingReport> = {}): IncomingReport => ({
  id: null,
  text: CACHE,
  count: 1,
  firstSeen: null,
  lastSeen: null,
  log: null,
  build: null,
  confidence: null,
  ...more,
});
const batch = (reports: readonly IncomingReport[], more: Partial<Batch> = {}): Batch => ({
  source: 'box-1',
  host: 'box-1',
  heartbeat: null,
  reports,
  ...more,
});
const receive = (sent: Batch, lookthrough: string[] = []) =>
  receiveBatch(sent, {
    documents,
    settings: { project: 'acme/appliance', lookthrough, baseline: undefined },
    now: () => now,
  });
const races = () => documents.list<RaceDocument>(KIND.race);
const due = async () =>
  (await stage.database.query.selectFrom('work').select('key').orderBy('key').execute()).map(row => row.key);

describe('a batch of reports', () => {
  it('is counted, and makes its race due, in one transaction', async () => {
    const receipt = await receive(batch([incoming({ count: 3, build: '5.4.1' })]));
    const [race] = await races();
    expect(receipt).toEqual({
      accepted: 1,
      known: 0,
      refused: [],
      races: [{ fingerprint: race?.id, title: 'Data race: (*Gauge).Read ↔ (*Valve).Open (pump)', new: true }],
    });
    expect(race?.body.cells).toEqual([{ host: 'box-1', build: '5.4.1', count: 3, firstAt: now, lastAt: now }]);
    expect(await due()).toEqual([`race:${race?.id}`]);
    const [row] = await readJournal(stage.database.query);
    expect(row).toMatchObject({ kind: 'signal', data: { source: 'box-1', accepted: 1, races: [race?.id] } });
  });

  it('is counted once by its ids, however often it comes', async () => {
    const one = incoming({ id: 'a' });
    await receive(batch([one, incoming({ id: 'b' })]));
    expect(await receive(batch([one, one, incoming({ id: 'c' })]))).toMatchObject({ accepted: 1, known: 2 });
    expect((await races())[0]?.body.cells[0]?.count).toBe(3);
  });

  it('is counted by source: two boxes may use the same ids', async () => {
    await receive(batch([incoming({ id: 'a' })]));
    await receive(batch([incoming({ id: 'a' })], { source: 'box-2', host: 'box-2' }));
    expect((await races())[0]?.body.cells.map(cell => cell.host)).toEqual(['box-1', 'box-2']);
  });

  it('without ids is the same when all of it is; without times, when it comes on the same day', async () => {
    const timed = incoming({ firstSeen: now - 5, lastSeen: now });
    expect(await receive(batch([timed, timed, incoming(), incoming()]))).toMatchObject({ accepted: 2, known: 2 });
    now += DAY;
    expect(await receive(batch([timed, incoming()]))).toMatchObject({ accepted: 1, known: 1 });
  });

  it('loses nothing when many boxes report the same race at once', async () => {
    const boxes = Array.from({ length: 12 }, (_, index) => `box-${index}`);
    await Promise.all(boxes.map(box => receive(batch([incoming({ id: 'a' })], { source: box, host: box }))));
    const all = await races();
    expect(all).toHaveLength(1);
    expect(all[0]?.body.cells.reduce((sum, cell) => sum + cell.count, 0)).toBe(12);
  });

  it('says which texts hold no report, and takes the others', async () => {
    const prose = 'grep -c "WARNING: DATA RACE" app.log';
    expect(await receive(batch([incoming({ text: prose }), incoming()]))).toMatchObject({
      accepted: 1,
      refused: [{ report: 0, reason: 'there is no race report in its text' }],
    });
  });

  it('takes all reports of a log, and the worse of two opinions about them', async () => {
    const other = goReport('acme.example/pump.(*Motor).Stop', 'acme.example/pump.(*Motor).Speed');
    const receipt = await receive(batch([incoming({ text: `noise\n${CACHE}noise\n${other}`, confidence: 'mixed' })]));
    expect(receipt.races).toHaveLength(2);
    expect((await races()).map(race => race.body.confidence)).toEqual(['mixed', 'mixed']);
  });

  it('of a flood makes the most frequent races due first', async () => {
    const races = Array.from({ length: 12 }, (_, index) =>
      incoming({
        text: goReport(`acme.example/pump.(*P${index}).Set`, `acme.example/pump.(*P${index}).Get`),
        count: 1 + (index % 6),
      }),
    );
    const { races: received } = await receive(batch(races));
    const rows = await stage.database.query.selectFrom('work').select(['key', 'due_at']).orderBy('due_at').execute();
    const countOf = new Map(received.map((race, index) => [`race:${race.fingerprint}`, races[index]?.count]));
    expect(rows.map(row => countOf.get(row.key))).toEqual([6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1]);
    expect(new Set(rows.map(row => row.due_at)).size).toBe(12);
  });

  it('of a box whose clock is ahead was seen now at the latest', async () => {
    await receive(batch([incoming({ firstSeen: now + DAY, lastSeen: now + DAY })]));
    expect((await races())[0]?.body.cells[0]).toMatchObject({ firstAt: now, lastAt: now });
  });
});

describe('which race it is', () => {
  const deep = (caller: string) => CACHE.replaceAll('acme.example/pump.Run()', `acme.example/pump.${caller}()`);

  it('a setting that tells races apart leaves a filed one together', async () => {
    await receive(batch([incoming()]));
    await receive(batch([incoming({ id: 'x', text: deep('RunFast') })]), ['acme.example/pump.(*Valve).Open']);
    expect(await races()).toHaveLength(1);
  });

  it('a member who tells it apart gets races of their own, which know where they come from', async () => {
    await receive(batch([incoming()]));
    const old = (await races())[0]?.id ?? '';
    const lookThrough = ['acme.example/pump.(*Valve).Open'];
    const body: ProjectDocument = { firstReportAt: now, ranks: {}, lookThrough, apart: [old] };
    await documents.submit({ changes: [{ kind: KIND.project, id: 'acme/appliance', body }] });
    for (const caller of ['Run', 'RunFast', 'Run'])
      await receive(batch([incoming({ id: `${now++}`, text: deep(caller) })]));
    const others = (await races()).filter(race => race.id !== old);
    expect(others.map(race => race.body.from)).toEqual([old, old]);
  });

  it('a report with one side lost belongs to the only race with its other side', async () => {
    const lost = CACHE.replace(
      /Previous read[\s\S]*?\n\n/,
      'Previous read at 0x00c0000a0010 by goroutine 8:\n  [failed to restore the stack]\n\n',
    ).replace(/Goroutine 8[\s\S]*?\n(?==)/, '');
    await receive(batch([incoming()]));
    await receive(batch([incoming({ text: lost })]));
    expect(await races()).toHaveLength(1);
    await receive(batch([incoming({ text: goReport('acme.example/pump.(*Valve).Open', 'acme.example/pump.Third') })]));
    await receive(batch([incoming({ id: 'z', text: lost })]));
    expect(await races()).toHaveLength(3);
  });
});

it('a heartbeat is heard without any report, and the same run stays one session', async () => {
  const heartbeat = { build: '5.4.1', race: true, startedAt: now - DAY, running: null };
  await receive(batch([], { heartbeat }));
  now += 3_600_000;
  await receive(batch([], { heartbeat }));
  const [box] = await documents.list<BoxDocument>(KIND.box);
  expect(box?.body.sessions).toEqual([
    { build: '5.4.1', race: true, startedAt: Date.UTC(2026, 10, 22, 10), endedAt: now },
  ]);
  expect(await due()).toEqual([]);
});

it('the first day is ranked by boxes, then by sightings, where a baseline is wanted', async () => {
  const settings = { project: 'acme/appliance', lookthrough: [], baseline: { top: 1, for: DAY } };
  await receiveBatch(batch([incoming({ count: 7 })]), { documents, settings, now: () => now });
  const project = await documents.read<ProjectDocument>(KIND.project, 'acme/appliance');
  expect(Object.values(project?.body.ranks ?? {})).toEqual([{ boxes: 1, count: 7 }]);
});
