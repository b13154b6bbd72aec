import type { Kysely } from 'kysely';

/** What automations keep beyond one key's memory: JSON by kind and id. */
export async function up(database: Kysely<unknown>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable('documents')
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('id', 'text', column => column.notNull())
    .addColumn('body', 'text', column => column.notNull())
    .addColumn('revision', 'bigint', column => column.notNull())
    .addColumn('changed_at', 'bigint', column => column.notNull())
    .addPrimaryKeyConstraint('documents_once', ['kind', 'id'])
    .execute();
  await schema.createIndex('documents_newest').on('documents').columns(['kind', 'changed_at']).execute();
}
