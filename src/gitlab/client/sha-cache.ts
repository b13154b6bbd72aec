/** Remembers answers that can never change because they hang on commit ids; the oldest go first. */
export class ShaCache {
  readonly #entries = new Map<string, Promise<unknown>>();
  readonly #limit: number;

  constructor(limit = 5000) {
    this.#limit = limit;
  }

  /** Asks once for what several want at the same time; a failure is not remembered. */
  get<T>(key: string, load: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(key);
    if (known) return known as Promise<T>;
    const loading = load();
    this.#entries.set(key, loading);
    loading.catch(() => this.#entries.delete(key));
    const oldest = this.#entries.size > this.#limit ? this.#entries.keys().next().value : undefined;
    if (oldest !== undefined) this.#entries.delete(oldest);
    return loading;
  }
}

/** Only full commit ids name something for ever; a branch name does not. */
export function isCommitId(text: string): boolean {
  return /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text);
}
