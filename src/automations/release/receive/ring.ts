import { Worker } from 'node:worker_threads';
import { siblingModule } from '../../../sibling-module.ts';
import type { DigestAnswer, DigestRequest, DigestWorkerData } from './digest-worker.ts';

// The types of Node leave it out.
declare const WebAssembly: {
  Memory: new (options: { initial: number; maximum: number; shared: true }) => { readonly buffer: SharedArrayBuffer };
};

/** MD5 and SHA-256, in hexadecimal. */
export interface Digests {
  md5: string;
  sha256: string;
}

/** A piece of the shared memory. It is free again when everybody who works on it has let it go. */
export interface Slot {
  index: number;
  offset: number;
  bytes: Uint8Array;
  holders: number;
}

export const SLOT_BYTES = 1024 * 1024;
const SLOTS = 8;
const WASM_PAGE = 65_536;
const ALGORITHMS = ['md5', 'sha256'] as const;

/**
 * The memory through which all large uploads of this process go, with one thread for each digest. Receiving, hashing and
 * writing happen at the same time and the bytes are copied once; what cannot keep up makes the others wait, so that memory
 * stays flat however large an upload is.
 *
 * Slots are only ever taken for bytes that are there already: a slow sender holds none.
 */
export class Ring {
  readonly #memory: SharedArrayBuffer;
  readonly #free: Slot[] = [];
  readonly #workers: Worker[];
  readonly #waiting: (() => void)[] = [];
  readonly #results = new Map<number, { found: Partial<Digests>; resolve: (digests: Digests) => void }>();
  readonly #slots: Slot[];
  #nextStream = 1;
  #failure: Error | undefined;

  /** @param algorithms what is computed; a digest that is not is empty, which only a measurement wants */
  constructor(algorithms: readonly (keyof Digests)[] = ALGORITHMS) {
    // WebAssembly memory is aligned to pages, which O_DIRECT asks for; a SharedArrayBuffer of its own need not be.
    const pages = (SLOTS * SLOT_BYTES) / WASM_PAGE;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.#memory = memory.buffer;
    this.#slots = Array.from({ length: SLOTS }, (_, index) => {
      const offset = index * SLOT_BYTES;
      return { index, offset, bytes: new Uint8Array(this.#memory, offset, SLOT_BYTES), holders: 0 };
    });
    this.#free.push(...this.#slots);
    this.#workers = algorithms.map(algorithm => this.#start(algorithm));
  }

  /** A number for one upload's hashes. */
  open(): number {
    return this.#nextStream++;
  }

  /** A free slot with one holder, the caller; undefined when there is none now. */
  take(): Slot | undefined {
    if (this.#failure) throw this.#failure;
    const slot = this.#free.pop();
    if (slot) slot.holders = 1;
    return slot;
  }

  /** Calls back once, in turn, when a slot may be free. */
  whenFree(tell: () => void): void {
    this.#waiting.push(tell);
  }

  /** Gives a slot's first bytes to the digest threads, each of which holds it until it is done. */
  hash(stream: number, slot: Slot, length: number): void {
    for (const worker of this.#workers) {
      slot.holders++;
      this.#ask(worker, { do: 'update', stream, slot: slot.index, offset: slot.offset, length });
    }
  }

  release(slot: Slot): void {
    slot.holders--;
    if (slot.holders > 0) return;
    this.#free.push(slot);
    // Whoever is told takes it now, or asks again; so nobody waits while a slot lies idle.
    while (this.#free.length > 0 && this.#waiting.length > 0) this.#waiting.shift()!();
  }

  /** The digests over everything that was hashed under this number. */
  finish(stream: number): Promise<Digests> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise(resolve => {
      this.#results.set(stream, { found: {}, resolve });
      for (const worker of this.#workers) this.#ask(worker, { do: 'finish', stream });
    });
  }

  drop(stream: number): void {
    for (const worker of this.#workers) this.#ask(worker, { do: 'drop', stream });
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.terminate()));
  }

  #start(algorithm: keyof Digests): Worker {
    const data: DigestWorkerData = { algorithm, memory: this.#memory };
    const worker = new Worker(siblingModule(import.meta.url, './digest-worker'), {
      workerData: data,
      // A digest needs next to no heap; what V8 reserves by default would count twice.
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
    });
    worker.on('message', (answer: DigestAnswer) => {
      if ('slot' in answer) this.release(this.#slots[answer.slot]!);
      else this.#settle(algorithm, answer);
    });
    worker.on('error', error => {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    });
    worker.unref();
    return worker;
  }

  #settle(algorithm: keyof Digests, { stream, digest }: { stream: number; digest: string }): void {
    const result = this.#results.get(stream);
    if (!result) return;
    result.found[algorithm] = digest;
    if (Object.keys(result.found).length < this.#workers.length) return;
    this.#results.delete(stream);
    const { md5 = '', sha256 = '' } = result.found;
    result.resolve({ md5, sha256 });
  }

  #ask(worker: Worker, request: DigestRequest): void {
    worker.postMessage(request);
  }
}
