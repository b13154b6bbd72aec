import { type Kysely, sql } from 'kysely';
import type { ColumnTypes } from '../dialect.ts';

/** The engine's tables. Never edited once released: a change is a new numbered migration. */
export async function up(database: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { schema } = database;
  await schema
    .createTable('deliveries')
    .addColumn('id', types.identity, types.asIdentity)
    .addColumn('source', 'text', column => column.notNull())
    .addColumn('dedupe_key', 'text', column => column.notNull())
    .addColumn('event', 'text', column => column.notNull())
    .addColumn('chain', 'text')
    .addColumn('origin', 'text', column => column.notNull())
    .addColumn('received_at', 'bigint', column => column.notNull())
    .addColumn('body', types.bytes, column => column.notNull())
    .addColumn('state', 'text', column => column.notNull().defaultTo('stored'))
    .addColumn('keys', 'text')
    .execute();
  await schema.createIndex('deliveries_once').on('deliveries').columns(['source', 'dedupe_key']).unique().execute();
  await schema
    .createIndex('deliveries_unsorted')
    .on('deliveries')
    .column('id')
    .where(sql<boolean>`state = 'stored'`)
    .execute();
  await schema.createIndex('deliveries_by_age').on('deliveries').column('received_at').execute();

  await schema
    .createTable('work')
    .addColumn('key', 'text', column => column.primaryKey())
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('due_at', 'bigint')
    .addColumn('reasons', 'text', column => column.notNull().defaultTo('[]'))
    .addColumn('chain', 'text')
    .addColumn('burst', 'integer', column => column.notNull().defaultTo(0))
    .addColumn('attempts', 'integer', column => column.notNull().defaultTo(0))
    .addColumn('owner', 'text')
    .addColumn('lease_until', 'bigint')
    .addColumn('last_started_at', 'bigint')
    .addColumn('last_finished_at', 'bigint')
    .addColumn('dead_at', 'bigint')
    .addColumn('error', 'text')
    .execute();
  await schema.createIndex('work_due').on('work').column('due_at').where(sql<boolean>`due_at is not null`).execute();
  await schema
    .createIndex('work_leased')
    .on('work')
    .column('lease_until')
    .where(sql<boolean>`owner is not null`)
    .execute();
  await schema.createIndex('work_dead').on('work').column('dead_at').where(sql<boolean>`dead_at is not null`).execute();

  await schema
    .createTable('records')
    .addColumn('key', 'text', column => column.primaryKey())
    .addColumn('automation', 'text', column => column.notNull())
    .addColumn('facts', 'text', column => column.notNull())
    .addColumn('verdict', 'text', column => column.notNull())
    .addColumn('because', 'text', column => column.notNull())
    .addColumn('plan', 'text', column => column.notNull())
    .addColumn('memory', 'text')
    .addColumn('fingerprint', 'text', column => column.notNull())
    .addColumn('decided_at', 'bigint', column => column.notNull())
    .addColumn('since', 'bigint', column => column.notNull())
    .addColumn('journal_seq', 'bigint', column => column.notNull())
    .execute();
  await schema.createIndex('records_newest').on('records').columns(['automation', 'decided_at']).execute();

  await schema
    .createTable('effects')
    .addColumn('key', 'text', column => column.notNull())
    .addColumn('name', 'text', column => column.notNull())
    .addColumn('state', 'text', column => column.notNull())
    .addColumn('summary', 'text', column => column.notNull())
    .addColumn('started_at', 'bigint', column => column.notNull())
    .addColumn('finished_at', 'bigint')
    .addColumn('ref', 'text')
    .addPrimaryKeyConstraint('effects_once', ['key', 'name'])
    .execute();

  await schema
    .createTable('journal')
    .addColumn('seq', 'bigint', column => column.primaryKey())
    .addColumn('at', 'bigint', column => column.notNull())
    .addColumn('kind', 'text', column => column.notNull())
    .addColumn('key', 'text')
    .addColumn('data', 'text', column => column.notNull())
    .addColumn('hash', 'text', column => column.notNull())
    .execute();
  await schema.createIndex('journal_by_key').on('journal').columns(['key', 'seq']).execute();
  await schema.createIndex('journal_by_kind').on('journal').columns(['kind', 'seq']).execute();
}
