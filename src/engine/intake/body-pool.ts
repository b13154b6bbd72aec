import { SignalboxError } from '../../errors.ts';

const SLOT_BYTES = 64 * 1024;
const SLOTS = 128;
/** Of bodies that are larger, or come when all slots are taken: so much at once. */
const OUTSIDE_BYTES = 256 * 1024 * 1024;
/** What came in pieces has left as many pieces for the collector, which does not hurry. */
const COLLECT_EVERY = 16 * 1024 * 1024;

/** Memory for one request body; `release` gives it back for the next. */
export interface BodyMemory {
  bytes: Uint8Array;
  /**
   * So many bytes of it are about to be written: memory counts when it is used, and not when a sender says that it will be.
   *
   * @throws SignalboxError SBX_INTAKE_TOO_MUCH_AT_ONCE
   */
  use: (length: number) => void;
  release: () => void;
}

/**
 * Memory for request bodies that is used again and again. A fresh buffer for each body makes the garbage collector the
 * slowest part of intake (measured: p99 five times as long). A body goes to disk straight from where it lies; larger bodies,
 * and floods beyond the slots, get memory of their own, all together up to a bound.
 */
export class BodyPool {
  readonly #memory = new ArrayBuffer(SLOT_BYTES * SLOTS);
  readonly #free = Array.from({ length: SLOTS }, (_, slot) => slot);

  readonly #collect: () => void;
  #outside = 0;
  #passed = 0;

  /** @param collect frees what has just become garbage, in no time */
  constructor(collect: () => void = () => undefined) {
    this.#collect = collect;
  }

  /** So many bytes of a large body came through, kept or not. */
  passed(bytes: number): void {
    this.#passed += bytes;
    if (this.#passed < COLLECT_EVERY) return;
    this.#passed = 0;
    this.#collect();
  }

  take(length: number): BodyMemory {
    const slot = length <= SLOT_BYTES ? this.#free.pop() : undefined;
    if (slot === undefined) return this.#takeOutside(length);
    let held = true;
    return {
      bytes: new Uint8Array(this.#memory, slot * SLOT_BYTES, length),
      use: () => undefined,
      release: () => {
        if (held) this.#free.push(slot);
        held = false;
      },
    };
  }

  #takeOutside(length: number): BodyMemory {
    let used = 0;
    let held = true;
    return {
      bytes: new Uint8Array(length),
      use: more => {
        if (more <= used || !held) return;
        if (this.#outside + more - used > OUTSIDE_BYTES) {
          throw new SignalboxError('SBX_INTAKE_TOO_MUCH_AT_ONCE', `${this.#outside} bytes are being received`);
        }
        this.#outside += more - used;
        this.passed(more - used);
        used = more;
      },
      release: () => {
        if (held) this.#outside -= used;
        held = false;
      },
    };
  }
}
