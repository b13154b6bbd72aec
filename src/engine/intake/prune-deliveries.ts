import type { Kysely } from 'kysely';
import type { Tables } from '../../storage/tables.ts';

/** For so long a delivery can be replayed from its stored body; the journal keeps for ever that it came. */
const KEPT = 30 * 24 * 60 * 60_000;
/** Removed at a time, so that nobody waits long for the database. */
const BATCH = 500;

/** Removes deliveries that came long ago. Returns how many were removed. */
export async function pruneDeliveries(database: Kysely<Tables>, now: number): Promise<number> {
  let removed = 0;
  for (;;) {
    const result = await database
      .deleteFrom('deliveries')
      .where('id', 'in', select =>
        select
          .selectFrom('deliveries')
          .select('id')
          .where('received_at', '<', now - KEPT)
          .limit(BATCH),
      )
      .executeTakeFirst();
    const count = Number(result.numDeletedRows);
    removed += count;
    if (count < BATCH) return removed;
  }
}
