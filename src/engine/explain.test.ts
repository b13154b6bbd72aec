import { afterEach, beforeEach, expect, it } from 'vitest';
import { explainKey } from './explain.ts';
import { appendJournal } from './journal/journal.ts';
import { type TemporaryDatabase, temporaryDatabase } from './testing.ts';

const KEY = 'lane:appliance';
let place: TemporaryDatabase;
beforeEach(async () => {
  place = await temporaryDatabase();
});
afterEach(() => place.remove());

it('calls an effect failed that was done and ended badly, and words the rows of the journal', async () => {
  const { database } = place;
  const effect = (name: string, end: string, at: number) => ({
    key: KEY,
    name,
    state: 'done' as const,
    summary: name,
    started_at: at,
    finished_at: at,
    ref: JSON.stringify({ end }),
  });
  const effects = [effect('run 1', 'released', 1), effect('run 2', 'failed', 2), effect('run 3', 'timed_out', 3)];
  await database.query.insertInto('effects').values(effects).execute();
  const data = { summary: 'run 2', outcome: 'done', ref: { end: 'failed' } };
  await database.transaction(transaction =>
    appendJournal(transaction, [{ at: 2, kind: 'effect', key: KEY, data }], database.engine),
  );
  const explained = await explainKey(database.query, KEY);
  expect(explained?.effects.map(({ name, state }) => [name, state])).toEqual([
    ['run 3', 'failed'],
    ['run 2', 'failed'],
    ['run 1', 'done'],
  ]);
  expect(explained?.journal).toEqual([expect.objectContaining({ line: 'run 2: failed', bad: true, data })]);
});
