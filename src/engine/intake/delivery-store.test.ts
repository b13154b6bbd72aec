import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Database } from '../../storage/database.ts';
import { unpackBytes } from '../../storage/packed-bytes.ts';
import { temporaryDatabase } from '../testing.ts';
import type { NewDelivery } from './delivery.ts';
import { DeliveryStore } from './delivery-store.ts';

let place: Awaited<ReturnType<typeof temporaryDatabase>>;
let commits: number[];
let store: DeliveryStore;
beforeEach(async () => {
  place = await temporaryDatabase();
  commits = [];
  const counted: Database = {
    ...place.database,
    insertMany: (statement, rows, options) => {
      commits.push(rows.length);
      return place.database.insertMany(statement, rows, options);
    },
  };
  store = new DeliveryStore(counted);
});
afterEach(() => place.remove());

const delivery = (dedupeKey: string, text = 'x'.repeat(30_000)): NewDelivery => ({
  source: 'gitlab',
  dedupeKey,
  event: 'Push Hook',
  chain: null,
  origin: 'pushed',
  receivedAt: 1,
  body: Buffer.from(JSON.stringify({ dedupeKey, text })),
});

it('stores 64 concurrent deliveries in one commit, each with its own bytes', async () => {
  await Promise.all(Array.from({ length: 64 }, (_, n) => store.accept(delivery(`d${n}`))));
  expect(commits).toEqual([64]);
  const rows = await place.database.query.selectFrom('deliveries').select(['dedupe_key', 'body']).execute();
  expect(rows).toHaveLength(64);
  for (const row of rows) {
    const body = JSON.parse(Buffer.from(unpackBytes(row.body)).toString()) as { dedupeKey: string };
    expect(body.dedupeKey).toBe(row.dedupe_key);
  }
});

it('puts what arrives during a commit into the next one together', async () => {
  const first = store.accept(delivery('first'));
  await new Promise(resolve => setImmediate(() => setImmediate(resolve)));
  await Promise.all([first, ...Array.from({ length: 20 }, (_, n) => store.accept(delivery(`d${n}`)))]);
  expect(commits).toEqual([1, 20]);
});

it('counts a copy as done, once it or the first is on disk', async () => {
  await Promise.all([store.accept(delivery('same')), store.accept(delivery('same'))]);
  await store.accept(delivery('same'));
  await store.accept({ ...delivery('same'), source: 'freshdesk' });
  expect(store.counts).toEqual({ stored: 2, duplicate: 2 });
});

it('refuses what would be held in memory beyond its bound, and takes it again afterwards', async () => {
  const large = delivery('large', 'y'.repeat(60 * 1024 * 1024));
  const all = await Promise.allSettled(
    Array.from({ length: 5 }, (_, n) => store.accept({ ...large, dedupeKey: `l${n}` })),
  );
  expect(all.map(({ status }) => status)).toEqual([...Array.from({ length: 4 }, () => 'fulfilled'), 'rejected']);
  expect((all[4] as PromiseRejectedResult).reason).toMatchObject({ code: 'SBX_INTAKE_OVERLOADED' });
  await store.accept(delivery('later'));
});
