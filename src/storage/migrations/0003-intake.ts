import type { Kysely } from 'kysely';

/**
 * Deliveries wait in the intake log until they are read, no longer in the table: a row is there only once its keys are named. How
 * far each log was read stands here, by the log's id. Rows that an earlier program had not read yet stay as they are and age
 * out; the resync at start looks at what they would have said.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable('intake_positions')
    .addColumn('log', 'text', column => column.primaryKey())
    .addColumn('segment', 'bigint', column => column.notNull())
    .addColumn('at_byte', 'bigint', column => column.notNull())
    .execute();
  await schema.dropIndex('deliveries_unsorted').execute();
}
