import { afterEach, beforeEach, expect, it } from 'vitest';
import { readJournal } from '../journal/journal.ts';
import { QUICK_PACE, temporaryDatabase } from '../testing.ts';
import { createDocuments, type Documents } from './documents.ts';

interface Counter {
  count: number;
}

let stage: Awaited<ReturnType<typeof temporaryDatabase>>;
let documents: Documents;
let woken: number;
beforeEach(async () => {
  stage = await temporaryDatabase();
  woken = 0;
  documents = createDocuments({ database: stage.database, pace: QUICK_PACE, now: () => 1000, wake: () => woken++ });
});
afterEach(() => stage.remove());

it('keeps a document with its revision, and removes it', async () => {
  expect(await documents.read('box', 'a')).toBeNull();
  await documents.submit({ changes: [{ kind: 'box', id: 'a', body: { seen: 1 } }] });
  await documents.submit({ changes: [{ kind: 'box', id: 'a', body: { seen: 2 } }] });
  expect(await documents.read('box', 'a')).toEqual({ id: 'a', body: { seen: 2 }, revision: 2, changedAt: 1000 });
  await documents.submit({ changes: [{ kind: 'box', id: 'a', body: null }] });
  expect(await documents.read('box', 'a')).toBeNull();
});

it('stores all of a submission, or nothing when one document has changed since', async () => {
  await documents.submit({ changes: [{ kind: 'box', id: 'a', body: 1 }] });
  const late = await documents.submit({
    changes: [
      { kind: 'box', id: 'b', body: 1 },
      { kind: 'box', id: 'a', body: 2, replaces: 0 },
    ],
    signals: [{ key: 'race:1', reason: 'a report came' }],
    journal: [{ kind: 'operator', key: 'race:1', data: {} }],
  });
  expect(late).toBe(false);
  expect(await documents.read('box', 'b')).toBeNull();
  expect(await stage.database.query.selectFrom('work').selectAll().execute()).toEqual([]);
  expect(await readJournal(stage.database.query)).toEqual([]);
  expect(woken).toBe(0);
});

it('makes keys due and writes the journal in the same transaction', async () => {
  const stored = await documents.submit({
    changes: [{ kind: 'box', id: 'a', body: 1, replaces: 0 }],
    signals: [{ key: 'race:1', reason: 'a report came' }],
    journal: [{ kind: 'operator', key: 'race:1', data: { by: 'box-1' } }],
  });
  expect(stored).toBe(true);
  const work = await stage.database.query.selectFrom('work').select(['key', 'reasons']).execute();
  expect(work).toEqual([{ key: 'race:1', reasons: '["a report came"]' }]);
  expect((await readJournal(stage.database.query)).map(row => row.data)).toEqual([{ by: 'box-1' }]);
  expect(woken).toBe(1);
});

it('loses no change when many change one document at once', async () => {
  const once = () =>
    documents.change<Counter>('counter', 'a', current => ({ body: { count: (current?.count ?? 0) + 1 } }));
  await Promise.all(Array.from({ length: 12 }, once));
  expect((await documents.read<Counter>('counter', 'a'))?.body).toEqual({ count: 12 });
});

it('changes nothing where nothing is wanted', async () => {
  expect(await documents.change<Counter>('counter', 'a', () => null)).toBeNull();
  expect(await documents.list('counter')).toEqual([]);
});

it('lists by beginning, in pages, and newest first', async () => {
  for (const id of ['p/1.0', 'p/1.1', 'p/1.2', 'q/1.0']) {
    await documents.submit({ changes: [{ kind: 'release', id, body: id }] });
  }
  const ids = async (query: Parameters<Documents['list']>[1]) =>
    (await documents.list('release', query)).map(({ id }) => id);
  expect(await ids({ prefix: 'p/' })).toEqual(['p/1.0', 'p/1.1', 'p/1.2']);
  expect(await ids({ prefix: 'p/', after: 'p/1.0', limit: 1 })).toEqual(['p/1.1']);
  expect(await ids({ newest: true, limit: 2 })).toHaveLength(2);
});
