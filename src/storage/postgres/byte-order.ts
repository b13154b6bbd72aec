import { type Kysely, sql } from 'kysely';

/**
 * Lets every text column compare by bytes, as SQLite does. Paging by id and lists by their beginning depend on it, and a
 * database in a language's own order (`en_US.UTF-8`) has another.
 */
export async function useByteOrder(database: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ table: string; column: string }>`
    select c.relname as "table", a.attname as "column"
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    join pg_collation k on k.oid = a.attcollation
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
      and a.atttypid = 'text'::regtype and k.collname <> 'C'
      and c.relname not like 'kysely%'
  `.execute(database);
  for (const { table, column } of rows) {
    await sql`alter table ${sql.ref(table)} alter column ${sql.ref(column)} type text collate "C"`.execute(database);
  }
}
