import type { Transaction } from 'kysely';
import type { Database } from '../../storage/database.ts';
import { unpackBytes } from '../../storage/packed-bytes.ts';
import type { Tables } from '../../storage/tables.ts';
import { appendJournal, type JournalEntry } from '../journal/journal.ts';
import type { Pace } from '../work/back-off.ts';
import { type SignalToStore, signalWork } from '../work/work-store.ts';
import type { Delivery, NameKeys, Signal } from './delivery.ts';

const BATCH = 50;

export interface SortContext {
  database: Database;
  nameKeys: NameKeys;
  pace: Pace;
  now: () => number;
}

/**
 * Reads stored deliveries and names their keys: the payload is parsed here, after the answer. What it named, the keys made
 * due and the journal's row change in one transaction, so a crash leaves a delivery either unread or fully read.
 *
 * @returns how many deliveries were read; 0 when none was waiting
 */
export async function sortDeliveries(context: SortContext): Promise<number> {
  const { database, pace } = context;
  const rows = await database.query
    .selectFrom('deliveries')
    .selectAll()
    .where('state', '=', 'stored')
    .orderBy('id', 'asc')
    .limit(BATCH)
    .execute();
  if (rows.length === 0) return 0;

  const now = context.now();
  const sorted = rows.map(row => {
    const payload = parse(row.body);
    const delivery: Delivery = {
      id: Number(row.id),
      source: row.source,
      event: row.event,
      chain: row.chain,
      origin: row.origin,
      receivedAt: Number(row.received_at),
      payload,
    };
    return {
      delivery,
      readable: payload !== undefined,
      signals: payload === undefined ? [] : context.nameKeys(delivery),
    };
  });

  await database.transaction(async transaction => {
    const toStore: SignalToStore[] = [];
    const entries: JournalEntry[] = [];
    const results: Result[] = [];
    for (const { delivery, readable, signals } of sorted) {
      const keys = [...new Set(signals.map(signal => signal.key))];
      results.push({ id: delivery.id, state: readable ? 'sorted' : 'unreadable', keys: JSON.stringify(keys) });
      toStore.push(...signals.map(signal => ({ ...signal, chain: delivery.chain })));
      entries.push(...journalEntries(delivery, readable, keys, signals, now));
    }
    await markRead(transaction, results);
    await signalWork(transaction, toStore, pace, now);
    await appendJournal(transaction, entries, database.engine);
  });
  return rows.length;
}

interface Result {
  id: number;
  state: 'sorted' | 'unreadable';
  keys: string;
}

/** Deliveries of a flood mostly name the same keys: one statement for all that came to the same, not one for each. */
async function markRead(transaction: Transaction<Tables>, results: readonly Result[]): Promise<void> {
  for (const group of Map.groupBy(results, ({ state, keys }) => `${state} ${keys}`).values()) {
    const [{ state, keys }] = group as [Result, ...Result[]];
    await transaction
      .updateTable('deliveries')
      .set({ state, keys })
      .where(
        'id',
        'in',
        group.map(result => result.id),
      )
      .execute();
  }
}

/** One row for each key, so that a key's history is complete; one without a key where a delivery concerns nothing of ours. */
function journalEntries(
  delivery: Delivery,
  readable: boolean,
  keys: string[],
  signals: Signal[],
  now: number,
): JournalEntry[] {
  const data = { delivery: delivery.id, source: delivery.source, event: delivery.event, origin: delivery.origin };
  if (!readable) return [{ at: now, kind: 'signal', key: null, data: { ...data, unreadable: true } }];
  if (keys.length === 0) return [{ at: now, kind: 'signal', key: null, data }];
  return keys.map(key => {
    const reason = signals.find(signal => signal.key === key)?.reason ?? delivery.event;
    return { at: now, kind: 'signal', key, data: { ...data, reason } };
  });
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(unpackBytes(body)).toString('utf8'));
  } catch {
    return undefined;
  }
}
