import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Json } from '../json.ts';
import type { Records } from './list-records.ts';

export interface FactsIndexOptions<Picked> {
  records: Pick<Records, 'lookedAt'>;
  automation: string;
  /** Only keys of this kind: `merge-request:`. */
  keys: string;
  /** What is kept of the facts; null for nothing. */
  pick: (facts: Json) => Picked | null;
  /** So many of those that were looked at last are read and kept. */
  most: number;
  now: () => number;
}

/** Facts are parsed so many at a stretch; then requests have their turn. */
const PAGE = 50;
/** A decision may be written with the time at which its transaction began. */
const OVERLAP = 5_000;
const EVERY = 60_000;

/**
 * A few fields out of the facts of many keys, in memory: facts are some kilobytes each, and a list of thousands would parse all of
 * that at each look. What was looked at since the last time is read again, also what other processes have looked at; once a
 * minute, so that nobody waits for much.
 */
export class FactsIndex<Picked> {
  readonly #options: FactsIndexOptions<Picked>;
  #kept = new Map<string, { decidedAt: number; picked: Picked }>();
  #readUpTo = 0;
  #refreshing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FactsIndexOptions<Picked>) {
    this.#options = options;
  }

  /** What was picked, by key. */
  async read(): Promise<Map<string, Picked>> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
    return new Map([...this.#kept].map(([key, { picked }]) => [key, picked]));
  }

  /** Reads now and from time to time; if it fails, whoever asks does. */
  start(): void {
    const read = () => void this.read().catch(() => undefined);
    this.#timer = setInterval(read, EVERY).unref();
    read();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** From the newest back to where it was the last time: what is looked at meanwhile is found the next time. */
  async #refresh(): Promise<void> {
    const { records, automation, keys, pick, most, now } = this.#options;
    const startedAt = now();
    const since = this.#readUpTo;
    let before: { decidedAt: number; key: string } | undefined;
    for (let read = 0; read < most; read += PAGE) {
      const page = await records.lookedAt({ automation, keys, since, before, limit: PAGE });
      for (const { key, decidedAt, facts } of page) {
        const picked = pick(facts);
        if (picked === null) this.#kept.delete(key);
        else this.#kept.set(key, { decidedAt, picked });
      }
      before = page.at(-1);
      if (page.length < PAGE) break;
      await nextTurn();
    }
    if (this.#kept.size > most) {
      const newestFirst = [...this.#kept].toSorted(([, a], [, b]) => b.decidedAt - a.decidedAt);
      this.#kept = new Map(newestFirst.slice(0, most));
    }
    this.#readUpTo = startedAt - OVERLAP;
  }
}
