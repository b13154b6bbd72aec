import { type Kysely, sql } from 'kysely';

/** Lets triggers keep `verdict_counts`, and counts what is there. */
export async function countVerdicts(database: Kysely<unknown>): Promise<void> {
  const group = (row: string) =>
    `${row}.automation, substr(${row}.key, 1, instr(${row}.key || ':', ':') - 1), substr(${row}.verdict, 1, 8)`;
  const add = (row: string, change: string) =>
    `insert into verdict_counts (automation, kind, head, count) values (${group(row)}, ${change})
      on conflict (automation, kind, head) do update set count = count + ${change};`;
  const changed = 'old.automation <> new.automation or substr(old.verdict, 1, 8) <> substr(new.verdict, 1, 8)';
  const statements = [
    `create trigger records_come after insert on records begin ${add('new', '1')} end`,
    `create trigger records_change after update of automation, verdict on records when ${changed}
      begin ${add('old', '-1')} ${add('new', '1')} end`,
    `create trigger records_go after delete on records begin ${add('old', '-1')} end`,
    `insert into verdict_counts select ${group('records')}, count(*) from records group by 1, 2, 3`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(database);
}
