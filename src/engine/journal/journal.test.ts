import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryDatabase } from '../testing.ts';
import { appendJournal, type JournalEntry, readJournal, verifyJournal } from './journal.ts';

let place: Awaited<ReturnType<typeof temporaryDatabase>>;
beforeEach(async () => {
  place = await temporaryDatabase();
});
afterEach(() => place.remove());

const entry = (n: number): JournalEntry => ({
  at: 1000 + n,
  kind: 'signal',
  key: `k:${n % 3}`,
  data: { n, text: 'ü\n' },
});

async function write(count: number): Promise<void> {
  const entries = Array.from({ length: count }, (_, index) => entry(index + 1));
  const { database } = place;
  await database.transaction(transaction => appendJournal(transaction, entries, database.engine));
}

it('proves an untouched journal, also one longer than a page and one without a row', async () => {
  expect(await verifyJournal(place.database.query)).toMatchObject({ ok: true, rows: 0 });
  await write(2001);
  await write(2);
  const proof = await verifyJournal(place.database.query);
  const [newest] = await readJournal(place.database.query, { limit: 1 });
  expect(proof).toEqual({ ok: true, rows: 2003, head: newest?.hash });
});

it('keeps the chain over writers that come at the same time', async () => {
  await Promise.all(Array.from({ length: 20 }, () => write(2)));
  expect(await verifyJournal(place.database.query)).toMatchObject({ ok: true, rows: 40 });
});

it.each([
  ['its data', sql`update journal set data = replace(data, '3', '4') where seq = 3`],
  ['its time', sql`update journal set at = at + 1 where seq = 3`],
  ['its kind', sql`update journal set kind = 'operator' where seq = 3`],
  ['its key', sql`update journal set key = 'k:other' where seq = 3`],
  ['its key taken away', sql`update journal set key = null where seq = 3`],
  ['its hash', sql`update journal set hash = upper(hash) || '0' where seq = 3`],
])('shows a row with %s changed', async (_what, tamper) => {
  await write(5);
  await tamper.execute(place.database.query);
  expect(await verifyJournal(place.database.query)).toMatchObject({ ok: false, rows: 2, brokenAt: 3 });
});

it('shows a row that is missing, and one whose number was given to another', async () => {
  await write(5);
  await sql`delete from journal where seq = 2`.execute(place.database.query);
  const missing = await verifyJournal(place.database.query);
  expect(missing).toMatchObject({ ok: false, brokenAt: 2, detail: 'row 2 is missing' });
  await sql`update journal set seq = seq - 1 where seq > 2`.execute(place.database.query);
  expect(await verifyJournal(place.database.query)).toMatchObject({ ok: false, brokenAt: 2 });
});

it('shows a row whose hash was made anew, at the row behind it', async () => {
  await write(3);
  const { database } = place;
  await sql`delete from journal where seq = 3`.execute(database.query);
  const stolen = await readJournal(database.query, { limit: 1 });
  await sql`delete from journal where seq = 2`.execute(database.query);
  await database.transaction(transaction => appendJournal(transaction, [entry(99), entry(98)], database.engine));
  const replaced = await readJournal(database.query, { limit: 2 });
  expect(replaced[1]?.hash).not.toBe(stolen[0]?.hash);
  // Whoever rewrites the whole end gets a chain that fits; only the head that was noted elsewhere tells.
  expect(await verifyJournal(database.query)).toMatchObject({ ok: true, rows: 3 });
  await sql`update journal set hash = ${stolen[0]?.hash} where seq = 2`.execute(database.query);
  expect(await verifyJournal(database.query)).toMatchObject({ ok: false, brokenAt: 2 });
});

it('writes nothing when the transaction that it describes fails', async () => {
  const { database } = place;
  const failing = database.transaction(async transaction => {
    await appendJournal(transaction, [entry(1)], database.engine);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await readJournal(database.query)).toEqual([]);
});

it('reads by key, kind and place', async () => {
  await write(9);
  const seqs = async (query: Parameters<typeof readJournal>[1]) =>
    (await readJournal(place.database.query, query)).map(row => row.seq);
  expect(await seqs({ key: 'k:1' })).toEqual([7, 4, 1]);
  expect(await seqs({ key: 'k:1', before: 7, limit: 1 })).toEqual([4]);
  expect(await seqs({ after: 6 })).toEqual([7, 8, 9]);
  expect(await seqs({ kind: 'effect' })).toEqual([]);
  const [row] = await readJournal(place.database.query, { limit: 1 });
  expect(row).toMatchObject({ seq: 9, ...entry(9) });
});
