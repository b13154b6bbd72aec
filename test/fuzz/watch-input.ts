import { Worker } from 'node:worker_threads';

/** For one input, ms: tells what hangs from what only waits for a busy machine. */
export const LONGEST_WAIT = 15_000;
/** What one input of at most 64 KiB (or one of the long ones) may make the whole process grow by. */
export const MOST_MEMORY = 768 * 1024 * 1024;

/** What the watchdog sees: how many inputs there were, whether one is looked at, its length; its bytes; and who parses it. */
export interface Watched {
  state: SharedArrayBuffer;
  name: SharedArrayBuffer;
  input: SharedArrayBuffer;
}

const SHOWN = 4 * 1024 * 1024;
const watched: Watched = {
  state: new SharedArrayBuffer(16),
  name: new SharedArrayBuffer(200),
  input: new SharedArrayBuffer(SHOWN),
};
const turns = new Int32Array(watched.state);
const shown = new Uint8Array(watched.input);
const parser = new Uint8Array(watched.name);
let watchdog: Worker | undefined;

/** Parses one input under the eyes of a watchdog, which ends the process when that neither ends nor stays small. */
export async function watchInput<T>(name: string, input: Uint8Array, parse: () => T | Promise<T>): Promise<T> {
  if (!watchdog) {
    watchdog = new Worker(new URL('./watchdog.ts', import.meta.url), { workerData: watched });
    watchdog.unref();
  }
  parser.fill(0).set(Buffer.from(name).subarray(0, parser.length));
  shown.set(input.subarray(0, SHOWN));
  Atomics.store(turns, 2, Math.min(input.length, SHOWN));
  Atomics.add(turns, 0, 1);
  Atomics.store(turns, 1, 1);
  try {
    return await parse();
  } finally {
    Atomics.store(turns, 1, 0);
  }
}
