/** A least-recently-used cache for what never changes, bounded by the sum of its entries' weights. */
export class BoundedCache<V> {
  readonly #entries = new Map<string, { value: V; weight: number }>();
  readonly #capacity: number;
  #weight = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** An entry heavier than an eighth of the cache is not kept: it would push out everything else. */
  set(key: string, value: V, weight = 1): void {
    const old = this.#entries.get(key);
    if (old !== undefined) {
      this.#entries.delete(key);
      this.#weight -= old.weight;
    }
    if (weight > this.#capacity / 8) return;
    this.#entries.set(key, { value, weight });
    this.#weight += weight;
    for (const [oldest, entry] of this.#entries) {
      if (this.#weight <= this.#capacity) break;
      this.#entries.delete(oldest);
      this.#weight -= entry.weight;
    }
  }

  /** Gives the cached value or computes it; what throws is not remembered. */
  async through(key: string, compute: () => Promise<V>, weigh: (value: V) => number = () => 1): Promise<V> {
    const known = this.get(key);
    if (known !== undefined) return known;
    const value = await compute();
    this.set(key, value, weigh(value));
    return value;
  }

  get size(): number {
    return this.#entries.size;
  }
}
