import type { Transaction } from 'kysely';
import type { Database } from '../../storage/database.ts';
import { packed } from '../../storage/packed-bytes.ts';
import type { Tables } from '../../storage/tables.ts';
import type { NewDelivery } from './delivery.ts';

export interface SortedDelivery {
  delivery: NewDelivery;
  state: 'sorted' | 'unreadable';
  /** The keys that it names, each once. */
  keys: string[];
}

/**
 * Stores deliveries, each copy once.
 *
 * @returns those that were new, in their order, by the id that they got; of a copy nothing must be signalled again
 */
export async function storeDeliveries<Sorted extends SortedDelivery>(
  database: Pick<Database, 'engine'>,
  transaction: Transaction<Tables>,
  sorted: readonly Sorted[],
): Promise<[id: number, sorted: Sorted][]> {
  if (sorted.length === 0) return [];
  const rows = sorted.map(({ delivery, state, keys }) => ({
    source: delivery.source,
    dedupe_key: delivery.dedupeKey,
    event: delivery.event,
    chain: delivery.chain,
    origin: delivery.origin,
    received_at: delivery.receivedAt,
    body: packed(database, delivery.body),
    state,
    keys: JSON.stringify(keys),
  }));
  const stored = await transaction
    .insertInto('deliveries')
    .values(rows)
    .onConflict(conflict => conflict.columns(['source', 'dedupe_key']).doNothing())
    .returning(['id', 'source', 'dedupe_key'])
    .execute();
  const ids = new Map(stored.map(row => [identity(row.source, row.dedupe_key), Number(row.id)]));
  return sorted.flatMap((each): [number, Sorted][] => {
    const name = identity(each.delivery.source, each.delivery.dedupeKey);
    const id = ids.get(name);
    // The second copy within one reading finds nothing left.
    ids.delete(name);
    return id === undefined ? [] : [[id, each]];
  });
}

function identity(source: string, dedupeKey: string): string {
  return `${source}\n${dedupeKey}`;
}
