const SLOT_BYTES = 64 * 1024;
const SLOTS = 128;

/** Memory for one request body; `release` gives it back for the next. */
export interface BodyMemory {
  bytes: Uint8Array;
  release: () => void;
}

/**
 * Memory for request bodies that is used again and again. A fresh buffer for each body makes the garbage collector the
 * slowest part of intake (measured: p99 five times as long). A body goes to disk straight from where it lies; larger bodies,
 * and floods beyond the slots, get memory of their own.
 */
export class BodyPool {
  readonly #memory = new ArrayBuffer(SLOT_BYTES * SLOTS);
  readonly #free = Array.from({ length: SLOTS }, (_, slot) => slot);

  take(length: number): BodyMemory {
    const slot = length <= SLOT_BYTES ? this.#free.pop() : undefined;
    if (slot === undefined) return { bytes: new Uint8Array(length), release: () => undefined };
    let held = true;
    return {
      bytes: new Uint8Array(this.#memory, slot * SLOT_BYTES, length),
      release: () => {
        if (held) this.#free.push(slot);
        held = false;
      },
    };
  }
}
