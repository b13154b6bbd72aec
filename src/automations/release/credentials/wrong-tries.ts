/** So many wrong credentials in a row are a person who looks for the right one, or a pipeline that is set up. */
const AT_ONCE = 10;
/** Afterwards one more in this time, ms. */
const EVERY = 6000;
/** Whoever tries longest ago is forgotten first; he had to use as many addresses meanwhile. */
const MOST = 10_000;

/**
 * Counts wrong credentials: ten at once, then one every six seconds. Of each who tries only a time is kept, that at which
 * he has his ten back; when it has passed there is nothing to remember.
 */
export class WrongTries {
  readonly #freshAt = new Map<string, number>();

  /** How many are remembered. */
  get size(): number {
    return this.#freshAt.size;
  }

  /** Milliseconds until the next try is looked at; 0 when it is now. */
  wait(who: string, now: number): number {
    return Math.max(0, (this.#freshAt.get(who) ?? now) - now - (AT_ONCE - 1) * EVERY);
  }

  count(who: string, now: number): void {
    const freshAt = Math.max(now, this.#freshAt.get(who) ?? now) + EVERY;
    // At the end of the map are those who tried last.
    this.#freshAt.delete(who);
    for (const [other, at] of this.#freshAt) {
      if (at > now && this.#freshAt.size < MOST) break;
      this.#freshAt.delete(other);
    }
    this.#freshAt.set(who, freshAt);
  }
}
