import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../../src/storage/database.ts';

/** A row of the journal for each minute since then. */
export const BEGINNING = Date.UTC(2024, 11, 1);
const MINUTE = 60_000;

/** Verdicts as they come about in years: so many of a hundred merge requests. */
const VERDICTS: readonly [string, number][] = [
  ['ok: 5.4 into 5.4 (same-line)', 40],
  ['ok: 5.3 into 5.3 (stale-base)', 35],
  ['closed', 6],
  ['gone', 1],
  ['unknown: ? into 5.3 (unknown-version)', 2],
  ['waived: 5.4 into 5.3 (backward-merge)', 4],
  ['merged despite a mismatch: blocked: 5.4 into 5.3 (backward-merge)', 4],
  ['blocked: 5.4 into 5.3 (backward-merge)', 8],
];

/** Brings the journal, and the keys, records and effects that it tells of, to this many rows. The chain is not a real one. */
export async function fillJournal(database: Database, from: number, to: number): Promise<void> {
  const { query } = database;
  const rows = numbers(from, to);
  // Ten rows for each key, as a merge request has in its life.
  const key = sql`'merge-request:acme/p' || (i / 10 * 10 % 97) || '!' || (i / 10)`;
  const at = minuteOf(sql`i`);
  const data = sql.raw(
    `'{"automation":"version-check","effect":"thread","summary":"open a thread","ref":{"id":7},"why":"${'x'.repeat(180)}"}'`,
  );
  await sql`insert into journal (seq, at, kind, key, data, hash) ${rows}
    select i, ${at}, case when i % 10 in (0, 3, 7) then 'decision' when i % 10 = 5 then 'effect' else 'signal' end,
      ${key}, ${data}, 'h' from n`.execute(query);
  await sql`insert into work (key, kind, reasons, burst, attempts) ${rows}
    select ${key}, 'merge-request', '[]', 1, 0 from n where i % 10 = 0`.execute(query);
  await sql`insert into effects (key, name, state, summary, started_at, finished_at, ref) ${rows}
    select ${key}, 'thread', 'done', 'open a thread', ${at}, ${at}, '{"id":7}' from n where i % 50 = 0`.execute(query);
  const reading = (line: string) => `{"ok":true,"version":"${line}.7","line":"${line}","place":"VERSION"}`;
  const open = `"found":true,"draft":false,"sourceBranch":"feature/x","labels":[],"notReady":null,"drags":[],"changedPaths":null`;
  const versions = `"versions":{"source":${reading('5.4')},"target":${reading('5.3')},"base":${reading('5.3')}}`;
  const facts = sql`${sql.raw(`'{"project":"acme/appliance","iid":'`)} || (i / 10) || ${sql.raw(`',"state":"merged","targetBranch":"release/5.3","mergedAt":'`)}
    || ${at} || ${sql.raw(`',${open},${versions},"own":[],"replies":[],"commands":[],"rest":"${'x'.repeat(1200)}"}'`)}`;
  await sql`insert into records (key, automation, facts, verdict, because, plan, fingerprint, decided_at, since, journal_seq)
    ${rows} select ${key}, 'version-check', ${facts}, ${spread(VERDICTS, sql`i / 10`)}, '["It was cut from there."]', '[]', 'f',
      ${at}, ${at}, i from n where i % 10 = 0`.execute(query);
  if (database.engine === 'postgres') await sql`vacuum analyze`.execute(query);
}

/** Numbers behind `from` up to `to`, as `n(i)`. */
export function numbers(from: number, to: number): RawBuilder<unknown> {
  return sql`with recursive n(i) as (select ${sql.lit(from)} + 1 union all select i + 1 from n where i < ${sql.lit(to)})`;
}

export function minuteOf(number: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(${sql.lit(BEGINNING)} + cast(${number} as bigint) * ${sql.lit(MINUTE)})`;
}

/** Each text for so many of a hundred numbers, mixed. */
export function spread(texts: readonly [string, number][], number: RawBuilder<unknown>): RawBuilder<unknown> {
  let upTo = 0;
  const cases = texts.map(([text, share]) => {
    upTo += share;
    return sql`when ${number} * 37 % 100 < ${sql.lit(upTo)} then ${sql.lit(text)}`;
  });
  return sql`case ${sql.join(cases, sql` `)} end`;
}
