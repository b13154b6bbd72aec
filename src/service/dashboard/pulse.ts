/** What went on in one minute. */
export interface Beat {
  at: number;
  looks: number;
  failed: number;
  /** The longest look that ended in the minute, ms. */
  slowest: number;
  /** The longest that a delivery waited to be read, from its receipt on, ms. */
  lag: number;
  /** Requests that GitLab still allows, where it says so. */
  budget: number | null;
}

const MINUTE = 60_000;
/** Six hours. */
const KEPT = 360;

/** The last hours of this process, a minute at a time: for two small charts, and gone with the process. */
export class Pulse {
  readonly #beats: Beat[] = [];
  readonly #now: () => number;
  readonly #budget: () => number | undefined;

  constructor(options: { now: () => number; budget: () => number | undefined }) {
    this.#now = options.now;
    this.#budget = options.budget;
  }

  looked({ ok, milliseconds }: { ok: boolean; milliseconds: number }): void {
    const beat = this.#beat();
    beat.looks++;
    if (!ok) beat.failed++;
    beat.slowest = Math.max(beat.slowest, milliseconds);
    beat.budget = this.#budget() ?? beat.budget;
  }

  /** A delivery was read. */
  delivered({ receivedAt }: { receivedAt: number }): void {
    const beat = this.#beat();
    beat.lag = Math.max(beat.lag, this.#now() - receivedAt);
  }

  /** Every minute of the last hours, oldest first, the quiet ones too. */
  read(): Beat[] {
    this.#beat();
    const first = this.#beats[0]?.at ?? 0;
    const last = this.#beats.at(-1)?.at ?? 0;
    const byMinute = new Map(this.#beats.map(beat => [beat.at, beat]));
    const all: Beat[] = [];
    for (let at = Math.max(first, last - (KEPT - 1) * MINUTE); at <= last; at += MINUTE) {
      all.push(byMinute.get(at) ?? { at, looks: 0, failed: 0, slowest: 0, lag: 0, budget: null });
    }
    return all;
  }

  #beat(): Beat {
    const at = Math.floor(this.#now() / MINUTE) * MINUTE;
    const last = this.#beats.at(-1);
    if (last?.at === at) return last;
    const beat: Beat = { at, looks: 0, failed: 0, slowest: 0, lag: 0, budget: this.#budget() ?? null };
    this.#beats.push(beat);
    if (this.#beats.length > KEPT) this.#beats.shift();
    return beat;
  }
}
