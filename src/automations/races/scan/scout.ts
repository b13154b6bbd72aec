import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { anchorModule, type Engine, searchableBuffer } from './anchor-module.ts';

/** Looks through a large file with one more thread, ahead of the scan, and says which stretches need no reading. */
export interface Scout {
  /** Offset of the first anchor at or after `from`, or the end of the file as it was; sometimes `from`: look yourself. */
  next(from: number): Promise<number>;
  close(): Promise<void>;
}

const STRIPE = 128 * 1024;
const SLACK = 64;
/** Below this, starting a thread takes longer than the search. */
export const WORTH_A_SCOUT = 128 * 1024 * 1024;
/** It keeps nothing; a thread's usual heap would be most of the scan's memory. */
const LIMITS = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16, stackSizeMb: 1 };
/** How long to wait for the other thread before looking whether it is still there. */
const WAIT_MS = 100;
/** Stripes searched in a row before the event loop gets its turn. */
const ROW = 64;

// Cells of the shared memory: the next stripe that nobody has taken, "stop", and one for each stripe.
const [NEXT, STOP, RESULTS] = [0, 1, 2];
const [UNKNOWN, NONE] = [0, -1];

interface Orders {
  path: string;
  from: number;
  stripes: number;
  stripe: number;
  slack: number;
  cells: Int32Array;
  module: object;
}

/**
 * The thread's program. It is handed over as text and so uses nothing from outside: a thread that loads no module of
 * ours starts in a few milliseconds and takes half the memory.
 */
function search(): void {
  const { workerData } = process.getBuiltinModule('node:worker_threads');
  const { openSync: open, readSync: read } = process.getBuiltinModule('node:fs');
  const { path, from, stripes, stripe, slack, cells, module } = workerData as Orders;
  const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
  const memory = new engine.Memory({ initial: Math.ceil((stripe + 3 * slack) / 65536) });
  const { find } = new engine.Instance(module, { scan: { memory } }).exports;
  const bytes = new Uint8Array(memory.buffer);
  const file = open(path, 'r');
  while (Atomics.load(cells, 1) === 0) {
    const index = Atomics.add(cells, 0, 1);
    if (index >= stripes) break;
    const start = from + index * stripe;
    const lead = Math.min(slack, start);
    const count = read(file, bytes, slack - lead, stripe + lead + slack, start - lead);
    const end = slack + Math.min(stripe, count - lead);
    // Only what the search may reach beyond its end: the rest of the buffer is half as much again as a stripe.
    bytes.fill(0, slack - lead + count, slack - lead + count + slack);
    const hit = find(slack, end);
    Atomics.store(cells, 2 + index, hit < 0 || hit >= end ? -1 : hit - slack + 1);
    Atomics.notify(cells, 2 + index);
  }
}

/** Sends a scout through `path` between two offsets. */
export function sendScout(path: string, from: number, size: number): Scout {
  const stripes = Math.ceil((size - from) / STRIPE);
  const cells = new Int32Array(new SharedArrayBuffer((RESULTS + stripes) * 4));
  const orders: Orders = { path, from, stripes, stripe: STRIPE, slack: SLACK, cells, module: anchorModule() };
  const worker = new Worker(`(${search.toString()})()`, {
    eval: true,
    workerData: orders,
    execArgv: [],
    resourceLimits: LIMITS,
  });
  let alive = true;
  const gone = (): void => {
    alive = false;
  };
  worker.once('exit', gone);
  // A scout that cannot read the file leaves the work, and the error, to the scan itself.
  worker.once('error', gone);
  const { bytes, find } = searchableBuffer(STRIPE + 3 * SLACK);
  const file = openSync(path, 'r');
  let row = 0;

  /** The same as the thread does, for this thread's share. */
  function look(index: number): void {
    const start = from + index * STRIPE;
    const lead = Math.min(SLACK, start);
    const count = readSync(file, bytes, SLACK - lead, STRIPE + lead + SLACK, start - lead);
    const end = SLACK + Math.min(STRIPE, count - lead);
    bytes.fill(0, SLACK - lead + count, SLACK - lead + count + SLACK);
    const hit = find(SLACK, end);
    Atomics.store(cells, RESULTS + index, hit < 0 || hit >= end ? NONE : hit - SLACK + 1);
  }

  async function settle(index: number): Promise<void> {
    const other = Atomics.add(cells, NEXT, 1);
    if (other < stripes) look(other);
    else if (alive) await Atomics.waitAsync(cells, RESULTS + index, UNKNOWN, WAIT_MS).value;
    else look(index);
    row++;
    if (row % ROW === 0) await setImmediate();
  }

  return {
    async next(offset) {
      for (let index = Math.floor((offset - from) / STRIPE); index < stripes; ) {
        const result = Atomics.load(cells, RESULTS + index);
        if (result === UNKNOWN) await settle(index);
        else if (result === NONE) index++;
        else return Math.max(offset, from + index * STRIPE + result - 1);
      }
      return size;
    },
    async close() {
      Atomics.store(cells, STOP, 1);
      closeSync(file);
      await worker.terminate();
    },
  };
}
