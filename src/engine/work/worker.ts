import { randomUUID } from 'node:crypto';
import { isNotConfigured, isPassing, SignalboxError } from '../../errors.ts';
import type { Database } from '../../storage/database.ts';
import type { Automation } from '../automation.ts';
import { crashPoint } from '../crash-point.ts';
import { appendJournal } from '../journal/journal.ts';
import type { EngineLog } from '../log.ts';
import { Trouble } from '../trouble.ts';
import { backOffDelay, type Pace } from './back-off.ts';
import { ClockWatch } from './clock-watch.ts';
import { dryPause } from './dry-pause.ts';
import { renewLeases } from './leases.ts';
import { type LookResult, lookAtKey } from './look-at-key.ts';
import { type Claim, claimWork, failWork, finishWork, nextDue, pullBack, signalWork } from './work-store.ts';

export interface WorkerOptions {
  database: Database;
  automations: readonly Automation[];
  pace: Pace;
  dryRun: boolean;
  /** Keys looked at at the same time. */
  concurrency: number;
  now: () => number;
  log: EngineLog;
  /** Told after every look, for metrics and live views. */
  looked?: (look: { key: string; kind: string; ok: boolean; milliseconds: number }) => void;
  /** By which name this worker holds leases; a new one unless told. */
  owner?: string;
}

/** Never sleeps longer than this, so that a clock that was set forward or back does no lasting harm. */
const LONGEST_SLEEP = 30_000;
/** With other processes on the database: what one of them made due, and could not tell, waits no longer than this. */
const LONGEST_SLEEP_SHARED = 3_000;
/** A look whose lease could not be renewed for this part of it is ended before others may take its key over. */
const GIVE_UP_AFTER = 2 / 3;

/** A look under way. */
interface Running {
  over: Promise<void>;
  cutOff: AbortController;
  /** When it was asked for the lease that it has now, by `performance.now()`. */
  heldSince: number;
}

/**
 * Looks at due keys, several at once, never twice at the same key at the same time. Wakes when something becomes due and
 * when it is told to.
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #owner: string;
  readonly #byKind = new Map<string, Automation>();
  /** Other keys wait: their automation is switched off, or other processes have it, or a newer version. */
  #kinds: readonly string[];
  readonly #longestSleep: number;
  readonly #running = new Map<string, Running>();
  readonly #claiming: Trouble;
  readonly #clock: ClockWatch;
  readonly #stop = new AbortController();
  #wakeUp: (() => void) | undefined;
  #woken = false;
  #loop: Promise<void> | undefined;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#owner = options.owner ?? randomUUID();
    for (const automation of options.automations) this.#byKind.set(automation.kind, automation);
    const words = { begins: 'work could not be claimed', over: 'work is claimed again' };
    this.#claiming = new Trouble(options.log, words);
    this.#clock = new ClockWatch(options.now);
    this.#kinds = [...this.#byKind.keys()];
    this.#longestSleep = options.database.engine === 'postgres' ? LONGEST_SLEEP_SHARED : LONGEST_SLEEP;
  }

  start(): void {
    this.#loop = this.#run();
    this.#heartbeat = setInterval(() => void this.#renew(), this.#options.pace.lease / 3);
  }

  /**
   * Keeps the leases of the looks under way, and ends those looks that have lost theirs. While it is asked, a look may end and another
   * at the same key begin, which has a lease of its own.
   */
  async #renew(): Promise<void> {
    const { database, pace, now, log } = this.#options;
    const looks = [...this.#running];
    if (looks.length === 0) return;
    const began = performance.now();
    const lost = (key: string, look: Running) => look.cutOff.abort(new SignalboxError('SBX_LEASE_LOST', key));
    try {
      const keys = looks.map(([key]) => key);
      const held = await renewLeases(database, this.#owner, keys, now() + pace.lease);
      for (const [key, look] of looks) {
        if (held.has(key)) look.heldSince = began;
        else lost(key, look);
      }
    } catch (error) {
      log.warn('leases could not be renewed', { error: String(error) });
      const given = performance.now() - pace.lease * GIVE_UP_AFTER;
      for (const [key, look] of looks) if (look.heldSince <= given) lost(key, look);
    }
  }

  /** Something may be due. */
  wake(): void {
    this.#woken = true;
    this.#wakeUp?.();
  }

  /** Looks with these automations from now on; resolves when the looks that began with the earlier ones have ended. */
  async replace(automations: readonly Automation[]): Promise<void> {
    this.#byKind.clear();
    for (const automation of automations) this.#byKind.set(automation.kind, automation);
    this.#kinds = [...this.#byKind.keys()];
    await Promise.allSettled([...this.#running.values()].map(({ over }) => over));
  }

  /** What keeps keys from being taken at present. */
  get trouble(): SignalboxError | null {
    return this.#claiming.error;
  }

  get busy(): number {
    return this.#running.size;
  }

  /** Takes no further keys and waits for the looks that are under way; cuts them off after `patience` milliseconds. */
  async stop(patience: number): Promise<void> {
    const cutOff = setTimeout(() => this.#stop.abort(new Error('the service is stopping')), patience);
    this.#stopping = true;
    this.wake();
    await this.#loop;
    await Promise.allSettled([...this.#running.values()].map(({ over }) => over));
    clearTimeout(cutOff);
    clearInterval(this.#heartbeat);
  }

  #stopping = false;

  async #run(): Promise<void> {
    const { database, pace, now } = this.#options;
    while (!this.#stopping) {
      this.#woken = false;
      let pause = this.#longestSleep;
      try {
        await this.#followClock();
        const limit = this.#options.concurrency - this.#running.size;
        const busy = [...this.#running.keys()];
        const options = { owner: this.#owner, busy, limit, pace, now: now(), kinds: this.#kinds };
        const asked = performance.now();
        const claims = limit > 0 ? await claimWork(database, options) : [];
        for (const claim of claims) this.#begin(claim, asked);
        // Full hands: a look that ends wakes this loop.
        if (this.#running.size < this.#options.concurrency) {
          const lookedAt = { busy: [...this.#running.keys()], kinds: this.#kinds };
          const next = (await nextDue(database.query, lookedAt)) ?? Infinity;
          pause = Math.max(0, Math.min(pause, next - now()));
        }
        this.#claiming.over();
      } catch (error) {
        this.#claiming.met(error);
        pause = pace.backOff;
      }
      if (!this.#woken && !this.#stopping) await this.#sleep(pause);
    }
  }

  /** Set forward, it makes keys due early, which is harmless; set back, it would let them wait for as long. */
  async #followClock(): Promise<void> {
    const { database, now, log } = this.#options;
    this.#toPullBack += Math.max(0, -this.#clock.jump());
    if (this.#toPullBack === 0) return;
    await pullBack(database.query, this.#toPullBack, now());
    const seconds = Math.round(this.#toPullBack / 1000);
    log.warn('the clock was set back; what is due later is looked at that much earlier', { seconds });
    this.#toPullBack = 0;
  }

  /** By how much the clock was set back, in ms, as long as the database could not be told. */
  #toPullBack = 0;

  #sleep(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, Math.max(1, milliseconds));
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #begin(claim: Claim, heldSince: number): void {
    crashPoint('work:claimed');
    const cutOff = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, cutOff.signal]);
    const over = this.#look(claim, signal).finally(() => {
      this.#running.delete(claim.key);
      this.wake();
    });
    this.#running.set(claim.key, { over, cutOff, heldSince });
  }

  async #look(claim: Claim, signal: AbortSignal): Promise<void> {
    const { now, log } = this.#options;
    const started = now();
    let ok = false;
    try {
      const automation = this.#byKind.get(claim.kind);
      if (!automation) throw new SignalboxError('SBX_KEY_WITHOUT_AUTOMATION', claim.key);
      const result = await lookAtKey({
        ...this.#options,
        automation,
        key: claim.key,
        owner: this.#owner,
        reasons: claim.reasons,
        chain: claim.chain,
        wait: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
        signal,
      });
      ok = await this.#finish(claim, result);
      crashPoint('work:finished');
    } catch (error) {
      await this.#fail(claim, error).catch((failure: unknown) => {
        log.error('a failed look could not be recorded', { key: claim.key, error: String(failure) });
      });
    } finally {
      this.#options.looked?.({ key: claim.key, kind: claim.kind, ok, milliseconds: now() - started });
    }
  }

  /** One transaction ends the look: the lease, the memory, and the keys that it makes due. */
  async #finish(claim: Claim, { decision }: LookResult): Promise<boolean> {
    const { database, pace, now, dryRun, log } = this.#options;
    const at = now();
    const lookAgainAt = dryRun ? dryPause(decision, at) : decision.lookAgainAt;
    const held = await database.transaction(async transaction => {
      const finish = { key: claim.key, owner: this.#owner, now: at, lookAgainAt };
      if (!(await finishWork(transaction, finish))) return false;
      if (decision.memory !== undefined && !dryRun) {
        const memory = decision.memory === null ? null : JSON.stringify(decision.memory);
        await transaction.updateTable('records').set({ memory }).where('key', '=', claim.key).execute();
      }
      const signals = (decision.alsoLookAt ?? []).map(signal => ({ ...signal, chain: claim.chain }));
      await signalWork(transaction, signals, { pace, now: at, engine: database.engine });
      return true;
    });
    if (!held) log.warn(LOST, { key: claim.key });
    return held;
  }

  async #fail(claim: Claim, error: unknown): Promise<void> {
    if (isNotConfigured(error)) return this.#rest(claim, error);
    const { database, pace, now, log } = this.#options;
    const at = now();
    const passing = isPassing(error) || this.#stop.signal.aborted;
    const attempts = passing ? claim.attempts : claim.attempts + 1;
    const failure = describeError(error);
    const retryAt = error instanceof SignalboxError ? error.retryAt : undefined;
    const standing = this.#byKind.get(claim.kind)?.standing ?? false;
    const dead = !passing && !standing && attempts >= pace.attempts;
    const delay = backOffDelay(pace, passing ? 3 : attempts, Math.random);
    const dueAt = dead ? null : Math.max(retryAt ?? 0, at + delay);
    const held = await database.transaction(async transaction => {
      const failed = { claim, owner: this.#owner, now: at, dueAt, attempts, error: failure, engine: database.engine };
      if (!(await failWork(transaction, failed))) return false;
      const data = { ...failure, attempts, ...(dead ? { laid_aside: true } : { again_at: dueAt }) };
      await appendJournal(transaction, [{ at, kind: 'failure', key: claim.key, data }], database.engine);
      return true;
    });
    if (!held) {
      log.warn(LOST, { key: claim.key });
      return;
    }
    const fields = { key: claim.key, code: failure.code, detail: failure.detail, attempts };
    if (dead) log.error('a key was laid aside for a person', fields);
    else log.warn('a look failed and will be repeated', fields);
  }

  /** Leaves a key alone until somebody signals it, and says why. */
  async #rest(claim: Claim, { code, detail }: SignalboxError): Promise<void> {
    const { database, now, log } = this.#options;
    const at = now();
    const held = await database.transaction(async transaction => {
      if (!(await finishWork(transaction, { key: claim.key, owner: this.#owner, now: at }))) return false;
      const data = { code, detail, attempts: claim.attempts };
      await appendJournal(transaction, [{ at, kind: 'failure', key: claim.key, data }], database.engine);
      return true;
    });
    log.warn(held ? 'a key is left alone: what it is about is not configured' : LOST, { key: claim.key, code, detail });
  }
}

const LOST = 'a look ended after its lease was lost; the process that has it goes on';

function describeError(error: unknown): { code: string; detail: string } {
  if (error instanceof SignalboxError) return { code: error.code, detail: error.detail };
  return { code: 'SBX_INTERNAL', detail: error instanceof Error ? error.message : String(error) };
}
