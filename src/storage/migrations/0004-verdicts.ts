import { type Kysely, sql } from 'kysely';

/**
 * Lists of what is blocked, moved or behind are read from this index alone; the rows hold facts and are long. It holds the beginning of
 * a verdict only: names may be in there, and PostgreSQL refuses what is longer than a third of a page.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`create index records_by_verdict on records (automation, since, substr(verdict, 1, 40), key)`.execute(
    database,
  );
}
