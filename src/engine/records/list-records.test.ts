import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryDatabase, temporaryDatabase } from '../testing.ts';
import { countRecords, createRecords, listRecords, placeOf, readPlace } from './list-records.ts';
import { recordDecision } from './record-decision.ts';

let place: TemporaryDatabase;
beforeEach(async () => {
  place = await temporaryDatabase();
  const decide = (key: string, verdict: string, at: number, automation = 'board') =>
    recordDecision(
      place.database,
      { key, automation, facts: { at }, decision: { verdict, because: [], actions: [] }, reasons: [], dryRun: false },
      at,
    );
  await decide('issue:acme/a#1', 'stays: moved by ada', 10);
  await decide('issue:acme/a#2', 'in To Test', 30);
  await decide('issue:acme/b_c#3', 'stays in Testing', 20);
  await decide('issue:acme/bxc#4', 'moves to 100%', 20);
  await decide('board:acme/a', 'a label for each', 40);
  await decide('merge-request:acme/a!1', 'blocked', 50, 'version-check');
});
afterEach(() => place.remove());

const OF = { automation: 'board', keys: 'issue:', limit: 50 };
const list = async (more: object) =>
  (await listRecords(place.database.query, { ...OF, ...more })).map(record => record.key.slice('issue:acme/'.length));

describe('decisions', () => {
  it.each<[string, object, string[]]>([
    ['of an automation, what changed last first', {}, ['a#2', 'b_c#3', 'bxc#4', 'a#1']],
    ['with one of some verdicts', { verdicts: ['stays', 'moves'] }, ['b_c#3', 'bxc#4', 'a#1']],
    ['with a text in the key, as it is', { text: 'B_C' }, ['b_c#3']],
    ['with a verdict that has a sign of the pattern', { verdicts: ['moves to 100%'] }, ['bxc#4']],
    ['of several states, a page', { verdicts: ['stays', 'moves', 'in '], limit: 2 }, ['a#2', 'b_c#3']],
    [
      'of several states, the page after it',
      { verdicts: ['stays', 'moves', 'in '], limit: 2, after: readPlace('20 issue:acme/b_c#3') },
      ['bxc#4', 'a#1'],
    ],
    ['of states that begin alike', { verdicts: ['stays: ', 'stays in'] }, ['b_c#3', 'a#1']],
    ['a page', { limit: 2 }, ['a#2', 'b_c#3']],
    ['the page after it', { limit: 2, after: readPlace('20 issue:acme/b_c#3') }, ['bxc#4', 'a#1']],
  ])('are listed: %s', async (_what, more, keys) => {
    expect(await list(more)).toEqual(keys);
  });

  it('may have verdicts with names of any length in them', async () => {
    // Not one that could be packed into less.
    const name = Array.from({ length: 20_000 }, (_, index) => ((index * 2_654_435_761) >>> 0).toString(36)).join('');
    const decision = { verdict: `stays: moved by ${name}`, because: [], actions: [] };
    const look = { key: 'issue:acme/a#9', automation: 'board', facts: {}, decision, reasons: [], dryRun: false };
    await recordDecision(place.database, look, 60);
    expect(await list({ verdicts: ['stays: moved by '] })).toEqual(['a#9', 'a#1']);
  });

  it('are counted', async () => {
    expect(await countRecords(place.database.query, { ...OF, verdicts: ['stays'] })).toBe(2);
    expect(await countRecords(place.database.query, OF)).toBe(4);
  });

  it('are counted as they come, change and go, whoever writes them', async () => {
    const { query } = place.database;
    const values = {
      automation: 'board',
      facts: '{}',
      because: '[]',
      plan: '[]',
      fingerprint: 'f',
      decided_at: 1,
      since: 1,
    };
    const rows = Array.from({ length: 50 }, (_, n) => ({
      ...values,
      key: `issue:acme/c#${n}`,
      verdict: n % 2 ? 'stays' : `in column ${n}`,
      journal_seq: 1,
    }));
    const counts = async () =>
      Promise.all(['stays', 'in ', 'moves to'].map(each => countRecords(query, { ...OF, verdicts: [each] })));
    await query.insertInto('records').values(rows).execute();
    expect(await counts()).toEqual([27, 26, 1]);
    await query
      .insertInto('records')
      .values(rows.slice(0, 10).map(row => ({ ...row, verdict: 'moves to Done' })))
      .onConflict(conflict => conflict.column('key').doUpdateSet({ verdict: 'moves to Done' }))
      .execute();
    expect(await counts()).toEqual([22, 21, 11]);
    await query.updateTable('records').set({ decided_at: 2 }).where('key', 'like', 'issue:acme/c%').execute();
    expect(await counts()).toEqual([22, 21, 11]);
    await query.deleteFrom('records').where('key', 'like', 'issue:acme/c%').execute();
    expect(await counts()).toEqual([2, 1, 1]);
  });

  it('are found by name where they are few among others', async () => {
    const found = await listRecords(place.database.query, { ...OF, keys: 'board:', few: true });
    expect(found.map(record => record.key)).toEqual(['board:acme/a']);
    expect(await list({ few: true })).toEqual(['a#2', 'b_c#3', 'bxc#4', 'a#1']);
  });

  it('a place is read as it was given', async () => {
    const [first] = await listRecords(place.database.query, OF);
    expect(readPlace(first && placeOf(first))).toEqual({ since: 30, key: 'issue:acme/a#2' });
    expect(readPlace('nonsense')).toBeUndefined();
  });

  it('come with their last effect', async () => {
    const key = 'issue:acme/a#1';
    const effect = { key, state: 'done' as const, finished_at: null, ref: null };
    await place.database.query
      .insertInto('effects')
      .values([
        { ...effect, name: 'second', summary: 'move it on', started_at: 2, finished_at: 3 },
        { ...effect, name: 'first', summary: 'move it', started_at: 1 },
      ])
      .execute();
    const effects = await createRecords(place.database.query).lastEffects([key, 'issue:acme/a#2']);
    expect([...effects.values()]).toEqual([{ key, summary: 'move it on', state: 'done', at: 3 }]);
  });
});
