import { type Kysely, sql } from 'kysely';

const MEASURE_EVERY = 30_000;
/** Clocks that are kept by NTP differ by less; then the own one serves, and never jumps. */
const NEGLIGIBLE = 250;

/**
 * The time of the database server. Leases of several machines are compared with one another, so they must go by one clock:
 * one that is wrong by a lease would take over keys that are being looked at.
 */
export class ServerClock {
  readonly #database: Kysely<unknown>;
  #offset = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(database: Kysely<unknown>) {
    this.#database = database;
  }

  now(): number {
    return Date.now() + this.#offset;
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
    const before = Date.now();
    const query = sql<{ ms: number }>`select extract(epoch from clock_timestamp()) * 1000 as ms`;
    const { rows } = await query.execute(this.#database);
    const after = Date.now();
    const offset = Math.round(Number(rows[0]?.ms) - (before + after) / 2);
    this.#offset = Math.abs(offset) < NEGLIGIBLE ? 0 : offset;
  }
}
