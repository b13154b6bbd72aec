import { SignalboxError } from '../errors.ts';
import { type AnswerHeaders, type CallBudget, headerNumber as number } from './call-budget.ts';

/** Waits longer than this are not believed: a wrong clock must not stop the service for hours. */
const LONGEST_WAIT = 15 * 60_000;
/** Below this share of the limit, the rest is spread over the time until it is filled up again. */
const LOW_SHARE = 0.1;
/** NTP makes no such steps. */
const CLOCK_SET_BACK = 10_000;

/**
 * What one host still allows, read off its answers: `RateLimit-Limit/-Remaining/-Reset` with every answer, `Retry-After`
 * with a 429. GitLab's limits per application feature are not in the headers; those show as a 429 only.
 */
export class RateBudget implements CallBudget {
  readonly #now: () => number;
  #closedUntil = 0;
  #limit: number | undefined;
  #remaining: number | undefined;
  #resetAt = 0;
  #nextSlot = 0;
  #latest = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** For metrics: requests left in the present window, where the host says so. */
  get remaining(): number | undefined {
    return this.#remaining;
  }

  note(headers: AnswerHeaders): void {
    const limit = number(headers['ratelimit-limit']);
    const remaining = number(headers['ratelimit-remaining']);
    const reset = number(headers['ratelimit-reset']);
    if (limit === undefined || remaining === undefined || reset === undefined) return;
    this.#limit = limit;
    this.#remaining = remaining;
    this.#resetAt = Math.min(reset * 1000, this.#now() + LONGEST_WAIT);
  }

  /** Closes the host after a 429; returns when it may be asked again, ms since the epoch. */
  throttled(headers: AnswerHeaders, now: number): number {
    const seconds = number(headers['retry-after']);
    const reset = number(headers['ratelimit-reset']);
    let until = now + 60_000;
    if (seconds !== undefined) until = now + seconds * 1000;
    else if (reset !== undefined) until = reset * 1000;
    this.#closedUntil = Math.min(Math.max(until, now + 1000), now + LONGEST_WAIT);
    return this.#closedUntil;
  }

  /**
   * Lets a request pass when it may be sent.
   *
   * @throws SignalboxError SBX_REMOTE_THROTTLED when that is further away than `patience` milliseconds
   */
  async pass(patience: number, name: string, signal?: AbortSignal): Promise<void> {
    const now = this.#now();
    const at = this.#slot(now);
    if (at <= now) return;
    if (at - now > patience) {
      throw new SignalboxError('SBX_REMOTE_THROTTLED', `${name}: its rate limit is used up for now`, { retryAt: at });
    }
    await new Promise(resolve => setTimeout(resolve, at - now));
    signal?.throwIfAborted();
  }

  #slot(now: number): number {
    // The clock was set back: what these times mean nobody knows, and the next answer tells anew.
    if (now < this.#latest - CLOCK_SET_BACK) {
      this.#closedUntil = 0;
      this.#resetAt = 0;
      this.#nextSlot = 0;
    }
    this.#latest = now;
    if (this.#closedUntil > now) return this.#closedUntil;
    const low = this.#limit !== undefined && this.#remaining !== undefined && this.#remaining < this.#limit * LOW_SHARE;
    if (!low || this.#resetAt <= now) return now;
    if (this.#remaining === 0) return this.#resetAt;
    const step = (this.#resetAt - now) / (this.#remaining! + 1);
    this.#nextSlot = Math.max(this.#nextSlot, now) + step;
    return this.#nextSlot - step;
  }
}
