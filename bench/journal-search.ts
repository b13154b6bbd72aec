import { sql } from 'kysely';
import { searchJournal } from '../src/engine/journal/search-journal.ts';
import { temporaryDatabase } from '../src/engine/testing.ts';

/**
 * How long a page of the journal takes among very many rows, by what is asked: `node bench/journal-search.ts [rows]`. The rows are as
 * long as decisions with their facts; they are written past the chain of hashes, which a search does not read.
 */
const ROWS = Number(process.argv[2] ?? 1_000_000);
const FACTS = 'x'.repeat(700);
const KINDS = `case seq % 4 when 0 then 'decision' when 1 then 'signal' when 2 then 'effect' else 'signal' end`;

const place = await temporaryDatabase();
const { query } = place.database;
const START = Date.UTC(2026, 0, 1);
for (let from = 1; from <= ROWS; from += 50_000) {
  const to = Math.min(ROWS, from + 49_999);
  await sql`
    insert into journal (seq, at, kind, key, data, hash)
    with recursive numbers(seq) as (select ${from} union all select seq + 1 from numbers where seq < ${to})
    select seq, ${START} + seq * 1000, ${sql.raw(KINDS)}, 'issue:acme/appliance#' || (seq % 20000),
      '{"verdict":"in To Test, number ' || seq || '","facts":"' || ${FACTS} || '"}', 'none'
    from numbers`.execute(query);
}

const middle = START + (ROWS / 2) * 1000;
const questions: [string, Parameters<typeof searchJournal>[1]][] = [
  ['the newest page', { limit: 200 }],
  ['a page in the middle', { limit: 200, before: Math.floor(ROWS / 2) }],
  ['a kind', { limit: 200, kind: 'effect' }],
  ['a kind that is not there', { limit: 200, kind: 'operator' }],
  ['a key', { limit: 200, key: 'issue:acme/appliance#7' }],
  ['a day', { limit: 200, from: middle, to: middle + 86_400_000 }],
  ['a frequent word', { limit: 200, text: 'to test' }],
  ['a word that is not there', { limit: 200, text: 'needle' }],
  ['a word of a kind', { limit: 200, text: 'needle', kind: 'effect' }],
];
console.log(`${ROWS} rows; median and longest of 9 pages, ms`);
for (const [name, question] of questions) {
  const times: number[] = [];
  for (let turn = 0; turn < 9; turn++) {
    const began = performance.now();
    await searchJournal(query, question);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  console.log(`  ${name.padEnd(26)} ${times[4]?.toFixed(1).padStart(7)} ${times.at(-1)?.toFixed(1).padStart(7)}`);
}
await place.remove();
