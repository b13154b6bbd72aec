import { SignalboxError } from '../../errors.ts';
import { type AnswerHeaders, type CallBudget, headerNumber } from '../../http/call-budget.ts';

const MINUTE = 60_000;
/** Older plans count by the hour, and have three thousand calls or more in it; newer ones never so many in a minute. */
const HOURLY_FROM = 3_000;
/** Before the first answer nobody knows the account's limit; the smallest plan has fifty a minute. */
const UNKNOWN_TOTAL = 50;
/** With less than this share left to everybody, we let people go first. */
const LOW_SHARE = 0.1;
/** So long, because what is left is only told with an answer. */
const STAND_BACK = 10_000;
const LONGEST_WAIT = 15 * MINUTE;

/**
 * A share of the calls that a Freshdesk account has: its limit is common to all agents, apps and addresses, so we keep to a part of
 * it and stand back when others have nearly used it up. `X-RateLimit-Total` says how much there is, plans differ and change.
 */
export class FreshdeskBudget implements CallBudget {
  readonly #share: number;
  readonly #now: () => number;
  #total = UNKNOWN_TOTAL;
  #remaining: number | undefined;
  /** When our calls of the present window were sent, oldest first. */
  #sent: number[] = [];
  #closedUntil = 0;

  constructor(share: number, now: () => number) {
    this.#share = share;
    this.#now = now;
  }

  get remaining(): number | undefined {
    return this.#remaining;
  }

  /** How many calls we allow ourselves in one window. */
  get own(): number {
    return Math.max(1, Math.floor(this.#total * this.#share));
  }

  note(headers: AnswerHeaders): void {
    const total = headerNumber(headers['x-ratelimit-total']);
    const remaining = headerNumber(headers['x-ratelimit-remaining']);
    const used = headerNumber(headers['x-ratelimit-used-currentrequest']) ?? 1;
    if (total !== undefined && total > 0) this.#total = total;
    // Each `include` counts as a call of its own.
    for (let more = 1; more < used; more++) this.#sent.push(this.#now());
    if (remaining === undefined) return;
    this.#remaining = remaining;
    if (remaining < this.#total * LOW_SHARE) this.#closedUntil = Math.max(this.#closedUntil, this.#now() + STAND_BACK);
  }

  throttled(headers: AnswerHeaders, now: number): number {
    const seconds = headerNumber(headers['retry-after']) ?? 60;
    this.#closedUntil = now + Math.min(Math.max(seconds * 1000, 1000), LONGEST_WAIT);
    return this.#closedUntil;
  }

  async pass(patience: number, name: string, signal?: AbortSignal): Promise<void> {
    const began = this.#now();
    for (;;) {
      const now = this.#now();
      const at = this.#freeAt(now);
      if (at <= now) break;
      if (at - began > patience) {
        throw new SignalboxError('SBX_REMOTE_THROTTLED', `${name}: our share of its rate limit is used up for now`, {
          retryAt: at,
        });
      }
      await new Promise(resolve => setTimeout(resolve, at - now));
      signal?.throwIfAborted();
    }
    this.#sent.push(this.#now());
  }

  /** Which of them it was does not matter: nobody waits for less than the oldest. */
  unsent(): void {
    this.#sent.pop();
  }

  #freeAt(now: number): number {
    // The clock was set back: nothing was sent in the future, and nothing is closed for so long.
    this.#sent = this.#sent.map(at => Math.min(at, now));
    this.#closedUntil = Math.min(this.#closedUntil, now + LONGEST_WAIT);
    const window = this.#total >= HOURLY_FROM ? 60 * MINUTE : MINUTE;
    const from = this.#sent.findIndex(at => at > now - window);
    this.#sent = from < 0 ? [] : this.#sent.slice(from);
    const full = this.#sent.length - this.own;
    const ownAt = full < 0 ? now : (this.#sent[full] ?? now) + window;
    return Math.max(ownAt, this.#closedUntil);
  }
}
