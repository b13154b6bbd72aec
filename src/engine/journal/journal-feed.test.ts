import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TemporaryDatabase, temporaryDatabase } from '../testing.ts';
import { appendJournal } from './journal.ts';
import { JournalFeed } from './journal-feed.ts';

let place: TemporaryDatabase;
let feed: JournalFeed;
beforeEach(async () => {
  place = await temporaryDatabase();
  feed = new JournalFeed({ database: place.database.query, every: 5 });
});
afterEach(async () => {
  feed.close();
  await place.remove();
});

const LONG = 60_000;
const write = (count: number) =>
  place.database.transaction(transaction => {
    const entries = Array.from({ length: count }, () => ({ at: 1, kind: 'service' as const, key: null, data: {} }));
    return appendJournal(transaction, entries, 'sqlite');
  });
const never = new AbortController().signal;

async function take(rows: AsyncGenerator<{ seq: number }[]>, count: number): Promise<number[]> {
  const seqs: number[] = [];
  while (seqs.length < count) seqs.push(...((await rows.next()).value as { seq: number }[]).map(row => row.seq));
  return seqs;
}

it('gives every follower the rows behind the one that he has, in order, and those that come', async () => {
  await write(3);
  const early = feed.follow(1, LONG, never);
  const late = feed.follow(3, LONG, never);
  expect(await take(early, 2)).toEqual([2, 3]);
  await write(2);
  expect(await take(early, 2)).toEqual([4, 5]);
  expect(await take(late, 2)).toEqual([4, 5]);
  expect(feed.followers).toBe(2);
  await Promise.all([early.return(undefined), late.return(undefined)]);
  expect(feed.followers).toBe(0);
});

it('begins at the end for whoever has nothing, and for whoever was away for long', async () => {
  for (let written = 0; written < 1200; written += 400) await write(400);
  expect(await feed.startOf(null)).toBe(1200);
  expect(await feed.startOf(1190)).toBe(1190);
  expect(await feed.startOf(5)).toBe(200);
  expect(await feed.startOf(99_999)).toBe(1200);
});

it('says that it is still there when nothing comes', async () => {
  const rows = feed.follow(0, 10, never);
  expect((await rows.next()).value).toEqual([]);
  await rows.return(undefined);
});

it('ends with its reader, and with the service', async () => {
  const reader = new AbortController();
  const mine = feed.follow(0, LONG, reader.signal).next();
  const other = feed.follow(0, LONG, never).next();
  reader.abort();
  expect((await mine).done).toBe(true);
  feed.close();
  expect((await other).done).toBe(true);
});
