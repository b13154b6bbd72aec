import { setImmediate as nextTurn } from 'node:timers/promises';
import { SignalboxError } from '../../errors.ts';
import type { Database } from '../../storage/database.ts';
import { appendJournal, type JournalEntry } from '../journal/journal.ts';
import type { EngineLog } from '../log.ts';
import type { Pace } from '../work/back-off.ts';
import { type SignalToStore, signalWork } from '../work/work-store.ts';
import type { Delivery, NameKeys, NewDelivery, Signal } from './delivery.ts';
import type { DeliveryLog } from './delivery-log.ts';
import { savePosition } from './log-position.ts';
import { type Damage, readLog } from './read-log.ts';
import { setAside } from './set-aside.ts';
import { type SortedDelivery, storeDeliveries } from './store-deliveries.ts';

/** Parsed without a pause; then requests have their turn. */
const PARSED_AT_ONCE = 8;

export interface SortContext {
  database: Database;
  intake: DeliveryLog;
  nameKeys: NameKeys;
  pace: Pace;
  now: () => number;
  log: EngineLog;
}

/** A delivery, and what it says. */
interface Sorted extends SortedDelivery {
  signals: Signal[];
}

/**
 * Reads the next deliveries of the intake log and names their keys: the payload is parsed here, after the answer. The rows, the
 * keys made due, the journal and the place up to which the log was read change in one transaction, so a crash leaves a
 * delivery either unread or fully read.
 *
 * @throws SignalboxError SBX_INTAKE_UNREADABLE, and what the database says
 * @returns whether there was anything to read
 */
export async function sortDeliveries(context: SortContext): Promise<boolean> {
  const { database, intake, pace } = context;
  const reading = await readLog(intake).catch(unreadable);
  if (!reading) return false;
  const now = context.now();
  const damage = reading.damage ? [await report(reading.damage, now, context.log)] : [];
  const sorted = await sortAll(reading.deliveries, context);

  await database.transaction(async transaction => {
    const entries: JournalEntry[] = [...damage];
    const toStore: SignalToStore[] = [];
    for (const [id, { delivery, state, keys, signals }] of await storeDeliveries(database, transaction, sorted)) {
      toStore.push(...signals.map(signal => ({ ...signal, chain: delivery.chain })));
      entries.push(...journalEntries({ id, delivery, state, keys, signals }, now));
    }
    await signalWork(transaction, toStore, { pace, now, engine: database.engine });
    await appendJournal(transaction, entries, database.engine);
    await savePosition(transaction, intake.id, reading.next);
  });
  await intake.advance(reading.next).catch(unreadable);
  return true;
}

function unreadable(cause: unknown): never {
  throw new SignalboxError('SBX_INTAKE_UNREADABLE', (cause as Error).message, { cause });
}

async function sortAll(deliveries: readonly NewDelivery[], context: SortContext): Promise<Sorted[]> {
  const sorted: Sorted[] = [];
  for (const delivery of deliveries) {
    if (sorted.length % PARSED_AT_ONCE === PARSED_AT_ONCE - 1) await nextTurn();
    const payload = parse(delivery.body);
    const readable = payload !== undefined;
    const signals = readable ? nameKeys({ ...delivery, payload }, context) : [];
    const keys = [...new Set(signals.map(signal => signal.key))];
    sorted.push({ delivery, state: readable ? 'sorted' : 'unreadable', keys, signals });
  }
  return sorted;
}

/** One row for each key, so that a key's history is complete; one without a key where a delivery concerns nothing of ours. */
function journalEntries(sorted: Sorted & { id: number }, now: number): JournalEntry[] {
  const { id, delivery, state, keys, signals } = sorted;
  const data = { delivery: id, source: delivery.source, event: delivery.event, origin: delivery.origin };
  if (state === 'unreadable') return [{ at: now, kind: 'signal', key: null, data: { ...data, unreadable: true } }];
  if (keys.length === 0) return [{ at: now, kind: 'signal', key: null, data }];
  return keys.map(key => {
    const reason = signals.find(signal => signal.key === key)?.reason ?? delivery.event;
    return { at: now, kind: 'signal', key, data: { ...data, reason } };
  });
}

/** Says loudly what of the log could not be read, and keeps it, since its segment will be deleted. */
async function report(damage: Damage, now: number, log: EngineLog): Promise<JournalEntry> {
  const { kind, file, offset, bytes } = damage;
  const keptAs = kind === 'damaged' ? await setAside(damage).catch(unreadable) : null;
  const found = { file, offset, bytes };
  if (kind === 'damaged') {
    log.error('a part of the intake log is damaged', { code: 'SBX_INTAKE_LOG_DAMAGED', ...found, kept_as: keptAs });
  } else {
    log.warn('the last write to the intake log was cut off; it was never acknowledged', found);
  }
  return { at: now, kind: 'service', key: null, data: { intake_log: kind, ...found, kept_as: keptAs } };
}

/** No key of ours has such letters, and PostgreSQL stores no text with a NUL. */
const CONTROL = /\p{Cc}/u;

/** One delivery that cannot be read, or names what cannot be, must not keep all that follow from being read. */
function nameKeys(delivery: Delivery, context: SortContext): Signal[] {
  const { source, event } = delivery;
  const complain = (error: string) =>
    context.log.error('the keys of a delivery could not be named', { source, event, error });
  try {
    const signals = context.nameKeys(delivery);
    const possible = signals.filter(({ key }) => !CONTROL.test(key));
    if (possible.length < signals.length) complain('a key with control characters');
    return possible;
  } catch (error) {
    complain(String(error));
    return [];
  }
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}
