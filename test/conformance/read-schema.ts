import { sql } from 'kysely';
import type { Database } from '../../src/storage/database.ts';
import type { Schema } from './judge-change.ts';

/** How a database's tables are, as it says itself. */
export async function readSchema({ engine, query }: Database): Promise<Schema> {
  const columns: Schema['columns'] = {};
  const tables = await query.introspection.getTables();
  for (const table of tables) {
    for (const { name, dataType, isNullable, hasDefaultValue, isAutoIncrementing } of table.columns) {
      // A primary key may be told as one that can be null, by SQLite.
      const optional = isNullable || hasDefaultValue || isAutoIncrementing;
      columns[`${table.name}.${name}`] = { type: dataType.toLowerCase(), nullable: isNullable, optional };
    }
  }
  const names = tables.map(({ name }) => name);
  return { columns, unique: (await (engine === 'sqlite' ? ofSqlite : ofPostgres)({ query }, names)).toSorted() };
}

type Asked = Pick<Database, 'query'>;

async function ofSqlite({ query }: Asked, tables: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ name: string; columns: string }>`
    select t.name, (select group_concat(c.name, ', ') from pragma_index_info(i.name) c) as columns
    from sqlite_master t join pragma_index_list(t.name) i where t.type = 'table' and i."unique"`.execute(query);
  return rows.filter(({ name }) => tables.includes(name)).map(({ name, columns }) => `${name}(${columns})`);
}

async function ofPostgres({ query }: Asked, tables: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ name: string; columns: string }>`
    select t.relname as name, (
      select string_agg(a.attname, ', ' order by array_position(i.indkey::int2[], a.attnum)) from pg_attribute a
      where a.attrelid = t.oid and a.attnum = any(i.indkey)) as columns
    from pg_index i join pg_class t on t.oid = i.indrelid where i.indisunique`.execute(query);
  return rows.filter(({ name }) => tables.includes(name)).map(({ name, columns }) => `${name}(${columns})`);
}
