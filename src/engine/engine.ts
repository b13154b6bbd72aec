import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { SignalboxError } from '../errors.ts';
import type { Database } from '../storage/database.ts';
import type { Automation } from './automation.ts';
import { crashPoint } from './crash-point.ts';
import type { NameKeys, NewDelivery, Signal } from './intake/delivery.ts';
import type { DeliveryLog } from './intake/delivery-log.ts';
import { pruneDeliveries } from './intake/prune-deliveries.ts';
import { restAfter } from './intake/rest.ts';
import { sortDeliveries } from './intake/sort-deliveries.ts';
import { appendJournal, readJournal } from './journal/journal.ts';
import type { EngineLog } from './log.ts';
import { Trouble } from './trouble.ts';
import { askedBy } from './work/asked.ts';
import type { Pace } from './work/back-off.ts';
import { releaseLeases } from './work/leases.ts';
import { type Preview, previewKey } from './work/preview-key.ts';
import { kindOf, pullBack, signalWork } from './work/work-store.ts';
import { Worker } from './work/worker.ts';

export interface EngineOptions {
  database: Database;
  /** Where deliveries wait until they are read. */
  intake: DeliveryLog;
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

const PRUNE_EVERY = 60 * 60_000;
/** By less than this, several machines differ. */
const CLOCKS_DIFFER = 10_000;

/** What would make a second key for the same thing: blanks around it, control characters, numbers that begin with zero. */
const OTHER_SPELLING = /\p{Cc}|^\s|\s$|[!#]0/u;

/** Deliveries in, looks at keys out; one per process. */
export class Engine {
  readonly intake: DeliveryLog;
  #options: EngineOptions;
  readonly #worker: Worker;
  #sorting = false;
  #sorted = Promise.resolve();
  #unsorted = false;
  readonly #stopping = new AbortController();
  #pruning: NodeJS.Timeout | undefined;
  readonly #reading: Trouble;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.intake = options.intake;
    const words = { begins: 'deliveries could not be read', over: 'deliveries are read again' };
    this.#reading = new Trouble(options.log, words);
    // Who has a data directory's lock knows that the owners before it, named by the same intake log, are gone.
    this.#worker = new Worker({ ...options, owner: `${options.intake.id} ${randomUUID()}` });
  }

  /** Takes up what an earlier process left, then begins to look. */
  async start(): Promise<void> {
    const { database, intake, now, standing } = this.#options;
    await releaseLeases(database, { ours: intake.id, now: now() });
    await this.#followClock();
    await this.signal(standing);
    this.#worker.start();
    database.listen(() => this.#worker.wake());
    this.#pruning = setInterval(() => this.#prune(), PRUNE_EVERY);
    this.#prune();
    this.stored();
  }

  /** Stores a delivery that did not come through the HTTP door. */
  async accept(delivery: NewDelivery): Promise<void> {
    await this.intake.accept(delivery);
    this.stored();
  }

  /** New deliveries may be waiting to be read. */
  stored(): void {
    crashPoint('intake:stored');
    this.#unsorted = true;
    if (this.#sorting) return;
    this.#sorting = true;
    this.#sorted = this.#sort();
  }

  /** What keeps deliveries from being taken or read, or work from being done, at present; null where nothing does. */
  async findTrouble(): Promise<SignalboxError | null> {
    return (await this.intake.findTrouble()) ?? this.#reading.error ?? this.#worker.trouble;
  }

  /** Makes keys due. */
  async signal(signals: readonly Signal[]): Promise<void> {
    if (signals.length === 0) return;
    const { database, pace, now } = this.#options;
    await database.transaction(transaction =>
      signalWork(
        transaction,
        signals.map(signal => ({ ...signal, chain: null })),
        { pace, now: now(), engine: database.engine },
      ),
    );
    this.#worker.wake();
  }

  /**
   * Looks again at a key, or at all keys of a stored delivery (`delivery:17`); safe at any time.
   *
   * @returns the keys that are due now
   * @throws SignalboxError SBX_REQUEST_INVALID, SBX_KEY_WITHOUT_AUTOMATION, SBX_DELIVERY_NOT_FOUND
   */
  async replay(what: string, by: string): Promise<string[]> {
    const keys = what.startsWith('delivery:') ? await this.#keysOf(what.slice('delivery:'.length)) : [what];
    const other = keys.find(key => OTHER_SPELLING.test(key));
    if (other !== undefined) throw new SignalboxError('SBX_REQUEST_INVALID', `${JSON.stringify(other)} is no key`);
    const known = new Set(this.#options.automations.map(automation => automation.kind));
    const unknown = keys.find(key => !known.has(kindOf(key)));
    if (unknown !== undefined) throw new SignalboxError('SBX_KEY_WITHOUT_AUTOMATION', unknown);
    const { database, pace, now } = this.#options;
    const at = now();
    await database.transaction(async transaction => {
      const signals = keys.map(key => ({ key, reason: askedBy(by), chain: null, urgent: true }));
      await signalWork(transaction, signals, { pace, now: at, engine: database.engine });
      const entries = keys.map(key => ({ at, kind: 'operator' as const, key, data: { replay: what, by } }));
      await appendJournal(transaction, entries, database.engine);
    });
    this.#worker.wake();
    return keys;
  }

  /** What a look at the key would come to now, without one; throws SBX_KEY_WITHOUT_AUTOMATION. */
  preview(key: string): Promise<Preview> {
    const { automations, database, now } = this.#options;
    return previewKey(key, { automations, database: database.query, now });
  }

  /** Keys were made due in a transaction of somebody else. */
  wake(): void {
    this.#worker.wake();
  }

  /**
   * Looks from now on with these automations. A look under way ends with the one that it began with.
   *
   * @returns a promise of the end of those, in an object so that it is not awaited by accident
   */
  async replace(
    parts: Pick<EngineOptions, 'automations' | 'nameKeys' | 'standing'>,
  ): Promise<{ ended: Promise<void> }> {
    const { automations, nameKeys, standing } = parts;
    this.#options = { ...this.#options, automations, nameKeys, standing };
    const ended = this.#worker.replace(automations);
    await this.signal(standing);
    return { ended };
  }

  /** Of the keys that are looked at. */
  get kinds(): string[] {
    return this.#options.automations.map(({ kind }) => kind);
  }

  get busy(): number {
    return this.#worker.busy;
  }

  /** Ends after the looks under way, at the latest after `patience` milliseconds. */
  async stop(patience: number): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#pruning);
    await this.#sorted;
    await this.#worker.stop(patience);
  }

  #prune(): void {
    const { database, now, log } = this.#options;
    pruneDeliveries(database.query, now()).catch((error: unknown) => {
      if (!this.#isStopping) log.warn('old deliveries could not be removed', { error: String(error) });
    });
  }

  /** What an earlier process wrote down in the future, it wrote by a clock that was set back since. */
  async #followClock(): Promise<void> {
    const { database, now, log } = this.#options;
    const [last] = await readJournal(database.query, { limit: 1 });
    const ahead = (last?.at ?? 0) - now();
    if (ahead < CLOCKS_DIFFER) return;
    await pullBack(database.query, ahead, now());
    log.warn('the clock was set back since the last start', { seconds: Math.round(ahead / 1000) });
  }

  async #keysOf(id: string): Promise<string[]> {
    if (!/^\d{1,15}$/.test(id)) throw new SignalboxError('SBX_DELIVERY_NOT_FOUND', `delivery:${id}`);
    const row = await this.#options.database.query
      .selectFrom('deliveries')
      .select('keys')
      .where('id', '=', Number(id))
      .executeTakeFirst();
    if (!row) throw new SignalboxError('SBX_DELIVERY_NOT_FOUND', `delivery:${id}`);
    return JSON.parse(row.keys ?? '[]') as string[];
  }

  async #sort(): Promise<void> {
    const { pace } = this.#options;
    while (!this.#isStopping) {
      this.#unsorted = false;
      const began = performance.now();
      try {
        const more = await sortDeliveries(this.#options);
        this.#reading.over();
        if (more) {
          crashPoint('intake:sorted');
          this.#worker.wake();
          const took = performance.now() - began;
          await this.#pause(restAfter({ took, arriving: this.#unsorted, unread: this.intake.unread }));
        } else if (!this.#unsorted) break;
      } catch (error) {
        this.#reading.met(error);
        await this.#pause(pace.backOff);
      }
    }
    this.#sorting = false;
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Waits, unless the engine stops. */
  async #pause(milliseconds: number): Promise<void> {
    if (milliseconds === 0) return;
    await pause(milliseconds, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
