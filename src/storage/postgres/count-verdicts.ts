import { type Kysely, sql } from 'kysely';

/**
 * Lets triggers keep `verdict_counts`, and counts what is there. Many rows of one statement are one change of a count. Who changes
 * a verdict writes the journal before, and holds its lock: nobody waits for a count.
 */
export async function countVerdicts(database: Kysely<unknown>): Promise<void> {
  const group = (row: string) => `${row}.automation, split_part(${row}.key, ':', 1), substr(${row}.verdict, 1, 8)`;
  const into = 'insert into verdict_counts as known (automation, kind, head, count)';
  const onConflict = 'on conflict (automation, kind, head) do update set count = known.count + excluded.count';
  const changed = 'old.automation <> new.automation or substr(old.verdict, 1, 8) <> substr(new.verdict, 1, 8)';
  const body = (statement: string) => `returns trigger language plpgsql as $$ begin ${statement}; return null; end $$`;
  const statements = [
    `create function count_verdicts_come() ${body(
      `${into} select ${group('those')}, count(*) from those group by 1, 2, 3 order by 1, 2, 3 ${onConflict}`,
    )}`,
    `create function count_verdicts_go() ${body(
      `${into} select ${group('those')}, -count(*) from those group by 1, 2, 3 order by 1, 2, 3 ${onConflict}`,
    )}`,
    `create function count_verdicts_change() ${body(
      `${into} select * from (values (${group('old')}, -1), (${group('new')}, 1)) as t order by 1, 2, 3 ${onConflict}`,
    )}`,
    `create trigger records_come after insert on records referencing new table as those
      for each statement execute function count_verdicts_come()`,
    `create trigger records_change after update of automation, verdict on records
      for each row when (${changed}) execute function count_verdicts_change()`,
    `create trigger records_go after delete on records referencing old table as those
      for each statement execute function count_verdicts_go()`,
    `${into} select ${group('records')}, count(*) from records group by 1, 2, 3`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(database);
}
