import { SignalboxError } from '../errors.ts';

/** So many calls in a row without an answer make a host that hangs. */
const MANY = 3;
/** For so long nobody else waits for it; then one tries. */
const REST = 15_000;

/**
 * A host that accepts calls and does not answer costs each of them its whole patience, and whoever has other things to do waits behind
 * them. After a few, calls fail at once, and one in a while finds out whether it answers again.
 */
export class Silence {
  readonly #now: () => number;
  readonly #steady: () => number;
  #unanswered = 0;
  #nextTry = 0;

  constructor(now: () => number, steady: () => number = () => performance.now()) {
    this.#now = now;
    this.#steady = steady;
  }

  /** @throws SignalboxError SBX_REMOTE_UNREACHABLE while the host hangs; nothing was sent then */
  assertAnswering(name: string): void {
    if (this.#unanswered < MANY) return;
    const steady = this.#steady();
    const wait = this.#nextTry - steady;
    if (wait > 0) {
      const detail = `${name}: it did not answer the last ${this.#unanswered} calls in time`;
      throw new SignalboxError('SBX_REMOTE_UNREACHABLE', detail, { retryAt: Math.round(this.#now() + wait) });
    }
    this.#nextTry = steady + REST;
  }

  answered(): void {
    this.#unanswered = 0;
  }

  unanswered(): void {
    this.#unanswered++;
    this.#nextTry = this.#steady() + REST;
  }
}
