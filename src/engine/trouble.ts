import { ERRORS, SignalboxError } from '../errors.ts';
import type { EngineLog } from './log.ts';

/** Something that is tried again by itself until it succeeds: the log has a line when it first fails, and one when it is over. */
export class Trouble {
  readonly #log: EngineLog;
  readonly #words: { begins: string; over: string };
  #error: SignalboxError | null = null;
  #since = 0;
  #failures = 0;

  constructor(log: EngineLog, words: { begins: string; over: string }) {
    this.#log = log;
    this.#words = words;
  }

  /** What it fails with at present. */
  get error(): SignalboxError | null {
    return this.#error;
  }

  /** It has failed. Another reason than before is worth another line. */
  met(error: unknown): void {
    const known = error instanceof SignalboxError ? error : new SignalboxError('SBX_INTERNAL', String(error));
    if (this.#error === null) this.#since = performance.now();
    const isNew = this.#error?.code !== known.code;
    this.#error = known;
    this.#failures++;
    if (!isNew) return;
    const { code, detail } = known;
    this.#log.error(this.#words.begins, { code, detail, what_to_do: ERRORS[code].remedy });
  }

  /** It has succeeded. */
  over(): void {
    if (this.#error === null) return;
    const seconds = Math.round((performance.now() - this.#since) / 1000);
    this.#log.info(this.#words.over, { code: this.#error.code, failures: this.#failures, seconds });
    this.#error = null;
    this.#failures = 0;
  }
}
