import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TemporaryDatabase, temporaryDatabase } from '../testing.ts';
import { listWork } from './list-work.ts';

let place: TemporaryDatabase;
beforeAll(async () => {
  place = await temporaryDatabase();
  const row = { kind: 'a', reasons: '[]', burst: 0, attempts: 0 };
  await place.database.query
    .insertInto('work')
    .values([
      { ...row, key: 'a:1' },
      { ...row, key: 'a:2', due_at: 300 },
      { ...row, key: 'a:3', owner: 'somebody', lease_until: 900 },
      { ...row, key: 'a:4', dead_at: 50, attempts: 10, error: '{"code":"SBX_INTERNAL"}' },
      { ...row, key: 'a:5', due_at: 200, owner: 'somebody', lease_until: 900, reasons: '["r"]' },
      { ...row, key: 'a:6', due_at: 200 },
    ])
    .execute();
});
afterAll(() => place.remove());

it.each([
  [{ limit: 500 }, ['a:5', 'a:6', 'a:2', 'a:1', 'a:3', 'a:4']],
  [{ limit: 4 }, ['a:5', 'a:6', 'a:2', 'a:1']],
  [{ limit: 2 }, ['a:5', 'a:6']],
  [{ limit: 500, state: 'due' }, ['a:5', 'a:6', 'a:2']],
  [{ limit: 500, state: 'laid_aside' }, ['a:4']],
] as const)('lists %o: what is due first, in the same order on both engines', async (query, keys) => {
  expect((await listWork(place.database.query, query)).map(({ key }) => key)).toEqual(keys);
});

it('says what is running, what was laid aside, and why', async () => {
  const running = await listWork(place.database.query, { limit: 500, state: 'running' });
  expect(running.map(({ key }) => key).toSorted()).toEqual(['a:3', 'a:5']);
  expect(running.find(({ key }) => key === 'a:5')).toEqual({
    key: 'a:5',
    due_at: 200,
    running: true,
    laid_aside: false,
    attempts: 0,
    reasons: ['r'],
    error: null,
  });
  const [aside] = await listWork(place.database.query, { limit: 500, state: 'laid_aside' });
  expect(aside).toMatchObject({ laid_aside: true, attempts: 10, error: { code: 'SBX_INTERNAL' } });
});
