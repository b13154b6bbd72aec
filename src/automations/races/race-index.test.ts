import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDocuments, type DocumentQuery, type Documents } from '../../engine/documents/documents.ts';
import { QUICK_PACE, temporaryDatabase } from '../../engine/testing.ts';
import { RaceIndex, weightOf } from './race-index.ts';
import { KIND } from './store.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 28, 12);
const dayOf = (ago: number) => new Date(NOW - ago * DAY).toISOString().slice(0, 10);

let stage: Awaited<ReturnType<typeof temporaryDatabase>>;
let documents: Documents;
let now: number;
beforeEach(async () => {
  stage = await temporaryDatabase();
  now = NOW;
  documents = createDocuments({ database: stage.database, pace: QUICK_PACE, now: () => now, wake: () => undefined });
});
afterEach(() => stage.remove());

const race = (count: number, ago: number) => ({
  title: `seen ${count}`,
  type: 'data race',
  detector: 'go',
  sites: ['a', 'b'],
  confidence: 'complete',
  cells: [{ host: 'box-1', build: '5.4.1', count, firstAt: NOW - ago * DAY, lastAt: NOW - ago * DAY }],
  days: { [dayOf(ago)]: count },
});
const store = (id: string, body: object, kind: string = KIND.race) =>
  documents.submit({ changes: [{ kind, id, body }] });

describe('the index of races', () => {
  it('has the frequent and the recent ones first', async () => {
    await store('old', race(50, 40));
    await store('fresh', race(3, 0));
    await store('frequent', race(40, 1));
    const index = new RaceIndex(documents, () => now);
    expect((await index.ranked()).map(each => each.fingerprint)).toEqual(['frequent', 'fresh', 'old']);
  });

  it('sees what changed since, by whomever, without reading the others again', async () => {
    let read = 0;
    const counting: Documents = {
      ...documents,
      list: async <Body>(kind: string, query?: DocumentQuery) => {
        const rows = await documents.list<Body>(kind, query);
        read += rows.length;
        return rows;
      },
    };
    for (let id = 0; id < 120; id++) await store(`race-${id}`, race(1, 0));
    const index = new RaceIndex(counting, () => now);
    expect(await index.ranked()).toHaveLength(120);
    expect(read).toBe(120);
    now += 60_000;
    await index.ranked();
    read = 0;
    await store('race-7', race(99, 0));
    await store('race-7', { project: 'acme/appliance', iid: 4, state: 'opened' }, KIND.link);
    const [first] = await index.ranked();
    expect(first).toMatchObject({ fingerprint: 'race-7', count: 99, issue: { iid: 4, state: 'opened' } });
    expect(read).toBe(2);
  });

  it('reads many that were stored at the same moment', async () => {
    const changes = Array.from({ length: 230 }, (_, id) => ({ kind: KIND.race, id: `race-${id}`, body: race(1, 0) }));
    await documents.submit({ changes });
    expect(await new RaceIndex(documents, () => now).ranked()).toHaveLength(230);
  });
});

describe('the weight of a race', () => {
  it.each([
    ['a sighting today', { days: { [dayOf(0)]: 1 }, count: 1, lastAt: NOW }, 1],
    ['a sighting a week ago', { days: { [dayOf(7)]: 1 }, count: 1, lastAt: NOW - 7 * DAY }, 0.5],
    ['four of two weeks ago', { days: { [dayOf(14)]: 4 }, count: 4, lastAt: NOW - 14 * DAY }, 1],
    ['without days, by its last sighting', { days: {}, count: 8, lastAt: NOW - 7 * DAY }, 4],
  ])('%s', (_what, seen, weight) => {
    expect(weightOf(seen, NOW)).toBeCloseTo(weight, 0);
  });
});
