import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';
import { MOVED } from './moved-tables.ts';

/** Rows read at once. Bodies of deliveries are tens of kilobytes each. */
const PAGE = 500;

/** All rows of a table in the order of its key. */
export async function* pagesOf(
  database: Kysely<Tables>,
  table: keyof Tables,
): AsyncGenerator<Record<string, unknown>[]> {
  const { key } = MOVED.find(each => each.table === table)!;
  let last: Record<string, unknown> | undefined;
  for (;;) {
    const columns = sql.join(key.map(column => sql.ref(column)));
    const after = last ? sql`where (${columns}) > (${sql.join(key.map(column => last![column]))})` : sql``;
    const query = sql<
      Record<string, unknown>
    >`select * from ${sql.table(table)} ${after} order by ${columns} limit ${PAGE}`;
    const { rows } = await query.execute(database);
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    last = rows.at(-1);
  }
}
