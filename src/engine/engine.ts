import { SignalboxError } from '../errors.ts';
import type { Database } from '../storage/database.ts';
import type { Automation } from './automation.ts';
import { crashPoint } from './crash-point.ts';
import type { NameKeys, NewDelivery, Signal } from './intake/delivery.ts';
import { DeliveryStore } from './intake/delivery-store.ts';
import { pruneDeliveries } from './intake/prune-deliveries.ts';
import { sortDeliveries } from './intake/sort-deliveries.ts';
import { appendJournal } from './journal/journal.ts';
import type { EngineLog } from './log.ts';
import type { Pace } from './work/back-off.ts';
import { kindOf, releaseAllLeases, signalWork } from './work/work-store.ts';
import { Worker } from './work/worker.ts';

export interface EngineOptions {
  database: Database;
  automations: readonly Automation[];
  nameKeys: NameKeys;
  /** Keys that look again by themselves; they are made due at every start. */
  standing: readonly Signal[];
  pace: Pace;
  dryRun: boolean;
  concurrency: number;
  now: () => number;
  log: EngineLog;
  looked?: (look: { key: string; kind: string; ok: boolean; milliseconds: number }) => void;
}

/** Between two batches of reading while requests come in: answering goes before reading. */
const GIVE_WAY = 20;
const PRUNE_EVERY = 60 * 60_000;

/** Deliveries in, looks at keys out; one per process. */
export class Engine {
  readonly deliveries: DeliveryStore;
  readonly #options: EngineOptions;
  readonly #worker: Worker;
  #sorting: Promise<void> | undefined;
  #unsorted = false;
  #stopping = false;
  #pruning: NodeJS.Timeout | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.deliveries = new DeliveryStore(options.database);
    this.#worker = new Worker(options);
  }

  /** Takes up what an earlier process left, then begins to look. */
  async start(): Promise<void> {
    const { database, now, standing } = this.#options;
    // A SQLite file has one owner: whoever held a lease before is gone.
    if (database.engine === 'sqlite') await releaseAllLeases(database.query, now());
    await this.signal(standing);
    this.#worker.start();
    this.#pruning = setInterval(() => this.#prune(), PRUNE_EVERY);
    this.#prune();
    this.stored();
  }

  /** Stores a delivery that did not come through the HTTP door. */
  async accept(delivery: NewDelivery): Promise<void> {
    await this.deliveries.accept(delivery);
    this.stored();
  }

  /** New deliveries may be waiting to be read. */
  stored(): void {
    crashPoint('intake:stored');
    this.#unsorted = true;
    this.#sorting ??= this.#sort().finally(() => {
      this.#sorting = undefined;
    });
  }

  /** Makes keys due. */
  async signal(signals: readonly Signal[]): Promise<void> {
    if (signals.length === 0) return;
    const { database, pace, now } = this.#options;
    await database.transaction(transaction =>
      signalWork(
        transaction,
        signals.map(signal => ({ ...signal, chain: null })),
        pace,
        now(),
      ),
    );
    this.#worker.wake();
  }

  /**
   * Looks again at a key, or at all keys of a stored delivery (`delivery:17`); safe at any time.
   *
   * @returns the keys that are due now
   * @throws SignalboxError SBX_KEY_WITHOUT_AUTOMATION, SBX_DELIVERY_NOT_FOUND
   */
  async replay(what: string, by: string): Promise<string[]> {
    const keys = what.startsWith('delivery:') ? await this.#keysOf(Number(what.slice('delivery:'.length))) : [what];
    const known = new Set(this.#options.automations.map(automation => automation.kind));
    const unknown = keys.find(key => !known.has(kindOf(key)));
    if (unknown !== undefined) throw new SignalboxError('SBX_KEY_WITHOUT_AUTOMATION', unknown);
    const { database, pace, now } = this.#options;
    const at = now();
    await database.transaction(async transaction => {
      const signals = keys.map(key => ({ key, reason: `replay by ${by}`, chain: null }));
      await signalWork(transaction, signals, pace, at);
      const entries = keys.map(key => ({ at, kind: 'operator' as const, key, data: { replay: what, by } }));
      await appendJournal(transaction, entries, database.engine);
    });
    this.#worker.wake();
    return keys;
  }

  /** Keys were made due in a transaction of somebody else. */
  wake(): void {
    this.#worker.wake();
  }

  get busy(): number {
    return this.#worker.busy;
  }

  /** Ends after the looks under way, at the latest after `patience` milliseconds. */
  async stop(patience: number): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#pruning);
    await this.#sorting;
    await this.#worker.stop(patience);
  }

  #prune(): void {
    const { database, now, log } = this.#options;
    pruneDeliveries(database.query, now()).catch((error: unknown) => {
      if (!this.#stopping) log.warn('old deliveries could not be removed', { error: String(error) });
    });
  }

  async #keysOf(id: number): Promise<string[]> {
    const row = await this.#options.database.query
      .selectFrom('deliveries')
      .select('keys')
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row) throw new SignalboxError('SBX_DELIVERY_NOT_FOUND', `delivery:${id}`);
    return JSON.parse(row.keys ?? '[]') as string[];
  }

  async #sort(): Promise<void> {
    while (this.#unsorted && !this.#stopping) {
      this.#unsorted = false;
      try {
        while (!this.#stopping && (await sortDeliveries(this.#options)) > 0) {
          crashPoint('intake:sorted');
          this.#worker.wake();
          await new Promise(resolve => setTimeout(resolve, this.#unsorted ? GIVE_WAY : 0));
        }
      } catch (error) {
        this.#options.log.error('stored deliveries could not be read', { error: String(error) });
        this.#unsorted = true;
        await new Promise(resolve => setTimeout(resolve, this.#options.pace.backOff));
      }
    }
  }
}
