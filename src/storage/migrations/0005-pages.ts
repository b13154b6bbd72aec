import { type Kysely, sql } from 'kysely';
import type { ColumnTypes } from '../dialect.ts';

/**
 * What pages and metrics ask without reading every key: how many verdicts begin how (counted by the database itself, since earlier
 * programs go on writing), those of one state in the order of time, and of which kinds the keys are that are due or laid aside.
 */
export async function up(database: Kysely<unknown>, { countVerdicts }: ColumnTypes): Promise<void> {
  await database.schema
    .createTable('verdict_counts')
    .addColumn('automation', 'text', column => column.notNull())
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('head', 'text', column => column.notNull())
    .addColumn('count', 'bigint', column => column.notNull())
    .addPrimaryKeyConstraint('verdict_counts_once', ['automation', 'kind', 'head'])
    .execute();
  await countVerdicts(database);
  const statements = [
    // Two letters tell the states of an automation apart. Without more, so that few bytes are written for each decision.
    sql`create index records_by_state on records (automation, substr(verdict, 1, 2), since desc, key)`,
    sql`create index work_due_kinds on work (due_at, kind) where due_at is not null`,
    sql`create index work_dead_kinds on work (dead_at, kind) where dead_at is not null`,
    sql`create index work_failing on work (attempts) where due_at is not null and attempts >= 5`,
    // Each of the new ones begins as the old one does, and serves whoever asked for that.
    sql`drop index work_due`,
    sql`drop index work_dead`,
  ];
  for (const statement of statements) await statement.execute(database);
}
