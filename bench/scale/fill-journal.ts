import { sql } from 'kysely';
import type { Database } from '../../src/storage/database.ts';

/** Brings the journal, and the keys and records that it tells of, to this many rows. The chain is not a real one. */
export async function fillJournal(database: Database, from: number, to: number): Promise<void> {
  const numbers = sql`with recursive n(i) as (select ${sql.lit(from)} + 1 union all select i + 1 from n where i < ${sql.lit(to)})`;
  const data = sql.raw(
    `'{"automation":"version-check","effect":"thread","summary":"open a thread","ref":{"id":7},"why":"${'x'.repeat(180)}"}'`,
  );
  const facts = sql.raw(`'{"project":"acme/appliance","source":"5.4","target":"5.3","why":"${'x'.repeat(600)}"}'`);
  const { query } = database;
  // Ten rows for each key, as a merge request has in its life.
  await sql`insert into journal (seq, at, kind, key, data, hash) ${numbers}
    select i, i, case when i % 10 = 0 then 'decision' when i % 10 = 5 then 'effect' else 'signal' end,
      'merge-request:acme/p' || (i % 97) || '!' || (i / 10), ${data}, 'h' from n`.execute(query);
  await sql`insert into work (key, kind, reasons, burst, attempts) ${numbers}
    select 'merge-request:acme/p' || (i % 97) || '!' || (i / 10), 'merge-request', '[]', 1, 0 from n where i % 10 = 0`.execute(
    query,
  );
  await sql`insert into records (key, automation, facts, verdict, because, plan, fingerprint, decided_at, since, journal_seq)
    ${numbers} select 'merge-request:acme/p' || (i % 97) || '!' || (i / 10), 'version-check', ${facts},
      'blocked: 5.4 into 5.3', '[]', '[]', 'f', i, i, i from n where i % 10 = 0`.execute(query);
  if (database.engine === 'postgres') await sql`vacuum analyze`.execute(query);
}
