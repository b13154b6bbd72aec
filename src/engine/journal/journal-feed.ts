import { setTimeout as pause } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Tables } from '../../storage/tables.ts';
import { type JournalRow, readJournal } from './journal.ts';
import { headOf } from './search-journal.ts';

/** Rows for one follower at once; one who is further behind than MOST is taken to the end. */
const PAGE = 100;
const MOST = 1_000;

export interface FeedOptions {
  database: Kysely<Tables>;
  /** How often the database is asked for its newest row while somebody follows, ms. */
  every?: number;
}

/**
 * The journal as it is written, by whichever process: one cheap question in a while, however many follow, and none while
 * nobody does.
 */
export class JournalFeed {
  readonly #database: Kysely<Tables>;
  readonly #every: number;
  readonly #ended = new AbortController();
  #followers = 0;
  #head: Promise<number> | undefined;

  constructor({ database, every = 250 }: FeedOptions) {
    this.#database = database;
    this.#every = every;
  }

  get followers(): number {
    return this.#followers;
  }

  /** Where to follow from: the last row that somebody has, the end where that is unknown, less where he was away for long. */
  async startOf(last: number | null): Promise<number> {
    const head = await headOf(this.#database);
    return last === null || last > head ? head : Math.max(last, head - MOST);
  }

  /**
   * Rows after `after`, some at a time; an empty page when nothing came for `heartbeat` milliseconds. Ends when the feed is
   * closed or `signal` aborts.
   */
  async *follow(after: number, heartbeat: number, signal: AbortSignal): AsyncGenerator<JournalRow[]> {
    const over = AbortSignal.any([signal, this.#ended.signal]);
    this.#followers++;
    try {
      let seq = after;
      let spokeAt = performance.now();
      while (!over.aborted) {
        if ((await this.#newest()) > seq) {
          const rows = await readJournal(this.#database, { after: seq, limit: PAGE });
          seq = rows.at(-1)?.seq ?? seq;
          spokeAt = performance.now();
          yield rows;
        } else if (performance.now() - spokeAt >= heartbeat) {
          spokeAt = performance.now();
          yield [];
        }
      }
    } finally {
      this.#followers--;
    }
  }

  close(): void {
    this.#ended.abort();
  }

  /** The number of the newest row, asked for together by all who wait. */
  #newest(): Promise<number> {
    this.#head ??= pause(this.#every, undefined, { signal: this.#ended.signal })
      .then(() => headOf(this.#database))
      .catch(() => 0)
      .finally(() => {
        this.#head = undefined;
      });
    return this.#head;
  }
}
