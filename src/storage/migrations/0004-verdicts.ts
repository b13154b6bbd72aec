import type { Kysely } from 'kysely';

/** Lists of what is blocked, moved or behind are read from this index alone; the rows hold facts and are long. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createIndex('records_by_verdict')
    .on('records')
    .columns(['automation', 'since', 'verdict', 'key'])
    .execute();
}
