import { type Kysely, sql } from 'kysely';

const MEASURE_EVERY = 30_000;
/** Clocks that are kept by NTP differ by less; a measurement is no better. */
const NEGLIGIBLE = 250;

/**
 * The time of the database server. Leases of several machines are compared with one another, so they must go by one clock:
 * one that is wrong by a lease would take over keys that are being looked at. Between two measurements it goes on by the time
 * that only runs on: this machine's own clock may be set at any moment.
 */
export class ServerClock {
  readonly #database: Kysely<unknown>;
  /** What it showed at `#at` of the time that only runs on. */
  #shown = Date.now();
  #at = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(database: Kysely<unknown>) {
    this.#database = database;
  }

  now(): number {
    return Math.round(this.#shown + performance.now() - this.#at);
  }

  /** Measures it now, and again from time to time. */
  async start(): Promise<void> {
    await this.#measure();
    this.#timer = setInterval(() => {
      this.#measure().catch(() => undefined);
    }, MEASURE_EVERY).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #measure(): Promise<void> {
    const before = performance.now();
    const query = sql<{ ms: number }>`select extract(epoch from clock_timestamp()) * 1000 as ms`;
    const { rows } = await query.execute(this.#database);
    const at = (before + performance.now()) / 2;
    const shown = Number(rows[0]?.ms);
    if (Math.abs(shown - (this.#shown + at - this.#at)) < NEGLIGIBLE) return;
    this.#shown = shown;
    this.#at = at;
  }
}
