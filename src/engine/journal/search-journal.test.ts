import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryDatabase, temporaryDatabase } from '../testing.ts';
import { appendJournal, type JournalEntry } from './journal.ts';
import { type JournalSearch, readJournalRow, searchJournal } from './search-journal.ts';

let place: TemporaryDatabase;
beforeEach(async () => {
  place = await temporaryDatabase();
});
afterEach(() => place.remove());

const START = Date.UTC(2026, 10, 23);
const write = (entries: JournalEntry[]) =>
  place.database.transaction(transaction => appendJournal(transaction, entries, 'sqlite'));
const row = (at: number, more: Partial<JournalEntry> = {}): JournalEntry => ({
  at: START + at,
  kind: 'decision',
  key: `issue:acme/appliance#${at}`,
  data: { verdict: `number ${at}` },
  ...more,
});
const search = (query: Partial<JournalSearch>) => searchJournal(place.database.query, { limit: 50, ...query });
const found = async (query: Partial<JournalSearch>) => (await search(query)).rows.map(each => each.seq);

describe('a search', () => {
  beforeEach(async () => {
    await write([
      row(1),
      row(2, { kind: 'effect', data: { summary: 'move it to "To Test"' } }),
      row(3, { key: 'merge-request:acme/Lib_SSH!4' }),
      row(4, { key: null, data: { event: 'Push Hook', reason: '100% of it' } }),
      row(5, { kind: 'effect' }),
    ]);
  });

  it.each<[string, Partial<JournalSearch>, number[]]>([
    ['nothing in particular: newest first', {}, [5, 4, 3, 2, 1]],
    ['a kind', { kind: 'effect' }, [5, 2]],
    ['a key, exactly', { key: 'issue:acme/appliance#1' }, [1]],
    ['a word, in any case', { text: 'NUMBER' }, [5, 3, 1]],
    ['what is in the key', { text: 'lib_ssh' }, [3]],
    ['a quoted text', { text: '"To Test"' }, [2]],
    ['a percent sign as itself', { text: '0% o' }, [4]],
    ['an underscore as itself', { text: 'b_s' }, [3]],
    ['a word of a kind', { text: 'number', kind: 'effect' }, [5]],
    ['a time', { from: START + 2, to: START + 4 }, [4, 3, 2]],
    ['a time without rows', { from: START + 10 }, []],
    ['what is before a row', { before: 3 }, [2, 1]],
  ])('for %s', async (_what, query, rows) => {
    expect(await found(query)).toEqual(rows);
  });

  it('says where to go on, and when there is nothing further', async () => {
    const first = await search({ limit: 2 });
    expect(first).toMatchObject({ next: 4, head: 5 });
    expect((await search({ limit: 2, before: 4 })).rows.map(each => each.seq)).toEqual([3, 2]);
    expect(await search({ limit: 5 })).toMatchObject({ next: null });
  });
});

it('comes to every row that fits, page by page, however few they are among many', async () => {
  const many = Array.from({ length: 9_000 }, (_, index) =>
    row(index, { data: { n: index % 4_000 === 0 ? 'needle' : 'hay' } }),
  );
  for (let from = 0; from < many.length; from += 1000) await write(many.slice(from, from + 1000));
  const seqs: number[] = [];
  let before: number | undefined;
  for (let pages = 0; pages < 20; pages++) {
    const page = await search({ text: 'needle', limit: 2, before });
    seqs.push(...page.rows.map(each => each.seq));
    if (page.next === null) break;
    before = page.next;
  }
  expect(seqs).toEqual([8001, 4001, 1]);
});

it('reads one row with everything in it', async () => {
  await write([row(1)]);
  expect(await readJournalRow(place.database.query, 1)).toMatchObject({ seq: 1, data: { verdict: 'number 1' } });
  expect(await readJournalRow(place.database.query, 2)).toBeNull();
});

it('an empty journal has neither rows nor more', async () => {
  expect(await search({ text: 'x', from: START, to: START + 1 })).toEqual({ rows: [], next: null, head: 0 });
});
