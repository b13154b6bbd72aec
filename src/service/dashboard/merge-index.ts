import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { listLookedAt } from '../../engine/records/list-records.ts';
import type { Tables } from '../../storage/tables.ts';

export interface Merge {
  branch: string;
  at: number;
}

/** Merge requests that were looked at last, and merges that are kept. */
const MOST = 5_000;
/** Facts are parsed so many at a stretch; then requests have their turn. */
const PAGE = 50;
/** A decision may be written with the time at which its transaction began. */
const OVERLAP = 5_000;
const EVERY = 60_000;

/**
 * The newest merges, in memory: two fields out of the facts of thousands of merge requests, of some kilobytes each. What was looked at
 * since the last time is read again, also what other processes have looked at; once a minute, so that nobody waits for much.
 */
export class MergeIndex {
  readonly #database: Kysely<Tables>;
  readonly #now: () => number;
  #merges = new Map<string, Merge>();
  #readUpTo = 0;
  #refreshing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(database: Kysely<Tables>, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  async newest(): Promise<Merge[]> {
    this.#refreshing ??= this.#read().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
    return [...this.#merges.values()];
  }

  /** Reads now and from time to time; if it fails, whoever asks does. */
  start(): void {
    const read = () => void this.newest().catch(() => undefined);
    this.#timer = setInterval(read, EVERY).unref();
    read();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** From the newest back to where it was the last time: what is looked at meanwhile is found the next time. */
  async #read(): Promise<void> {
    const startedAt = this.#now();
    const since = this.#readUpTo;
    let before: { decidedAt: number; key: string } | undefined;
    for (let read = 0; read < MOST; read += PAGE) {
      const page = await listLookedAt(this.#database, {
        automation: 'version-check',
        keys: 'merge-request:',
        since,
        before,
        limit: PAGE,
      });
      for (const { key, facts } of page) {
        const { mergedAt, targetBranch } = (facts ?? {}) as { mergedAt?: number | null; targetBranch?: string };
        if (typeof mergedAt === 'number' && targetBranch !== undefined) {
          this.#merges.set(key, { branch: targetBranch, at: mergedAt });
        }
      }
      before = page.at(-1);
      if (page.length < PAGE) break;
      await nextTurn();
    }
    if (this.#merges.size > MOST) {
      this.#merges = new Map([...this.#merges].toSorted(([, a], [, b]) => b.at - a.at).slice(0, MOST));
    }
    this.#readUpTo = startedAt - OVERLAP;
  }
}
