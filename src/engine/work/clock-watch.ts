/** Less than this is what NTP does to a clock that runs. */
const JUMP = 10_000;

/**
 * Notices when somebody sets the wall clock: it has then gone another way than the time that only runs on. Due times are wall
 * times, since they must outlive the process.
 */
export class ClockWatch {
  readonly #now: () => number;
  #wall: number;
  #steady: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#wall = now();
    this.#steady = performance.now();
  }

  /** By how many milliseconds the clock was set forward (or back, below zero) since the last call; 0 where it was not. */
  jump(): number {
    const wall = this.#now();
    const steady = performance.now();
    const jump = wall - this.#wall - (steady - this.#steady);
    this.#wall = wall;
    this.#steady = steady;
    return Math.abs(jump) < JUMP ? 0 : Math.round(jump);
  }
}
