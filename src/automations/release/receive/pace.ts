import { SignalboxError } from '../../../errors.ts';

export interface PaceOptions {
  /** Milliseconds that an upload may bring nothing; the rate is measured over them as well. */
  idle: number;
  /** Bytes a second. */
  minRate: number;
  /** Called once, when the upload is too slow. */
  tooSlow: (error: SignalboxError) => void;
}

const TICKS_PER_WINDOW = 20;

/**
 * Ends uploads that crawl. Node's own limit counts from the first byte to the last, so that an honest upload of six
 * minutes would be ended and one of 1 byte a second for five minutes would not; this one asks for progress. Time in which
 * we ourselves are the slow side does not count.
 */
export class Pace {
  readonly #options: PaceOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #tick: number;
  #paused = false;
  #received = 0;
  /** Milliseconds of our own willingness, since the last byte and since the window began. */
  #idle = 0;
  #window = 0;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#tick = Math.max(10, Math.min(1000, options.idle / TICKS_PER_WINDOW));
    this.#timer = setInterval(() => this.#look(), this.#tick).unref();
  }

  received(bytes: number): void {
    this.#received += bytes;
    this.#idle = 0;
  }

  /** We do not read: the disk has to catch up. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (this.#paused) return;
    const { idle, minRate } = this.#options;
    this.#idle += this.#tick;
    this.#window += this.#tick;
    if (this.#idle >= idle) this.#end(`nothing came for ${idle / 1000} s`);
    else if (this.#window >= idle) {
      if (this.#received < (minRate * this.#window) / 1000) {
        this.#end(
          `${this.#received} bytes in ${Math.round(this.#window / 1000)} s, where ${minRate} a second are asked for`,
        );
      }
      this.#window = 0;
      this.#received = 0;
    }
  }

  #end(detail: string): void {
    this.stop();
    this.#options.tooSlow(new SignalboxError('SBX_RELEASE_TOO_SLOW', detail));
  }
}
