import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { siblingModule } from '../../sibling-module.ts';
import type { Conversion } from './convert-mail.ts';
import type { MailAnswer, MailRequest, MailResults } from './mail-worker.ts';

/** `too slow`: the worker was ended. `failed`: it died (of memory, say), or reports a fault. */
export type Outcome<R> = { result: R } | { fault: 'too slow' | 'failed'; detail: string };

interface Job {
  request: MailRequest;
  settle: (outcome: Outcome<never>) => void;
}

interface Seat {
  worker: Worker;
  ready: boolean;
  job: Job | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** A mail of two megabytes becomes a tree of some hundred; beyond that the worker dies, not the service. */
const HEAP_MEGABYTES = 384;
/** What is thrown away soon: little is enough, and threads that wait keep what they have. */
const YOUNG_MEGABYTES = 6;
const NO_ANSWER = 2_000;
/** Characters. */
const LARGE = 200_000;

/** The threads: started when there is something to do, ended when one takes too long, and started again. */
export class MailWorkers {
  readonly #seats = new Set<Seat>();
  readonly #queue: Job[] = [];
  readonly #conversion: Conversion;
  readonly #most: number;
  #closed = false;

  constructor(conversion: Conversion, most: number) {
    this.#conversion = conversion;
    this.#most = most;
  }

  ask<D extends keyof MailResults>(request: Extract<MailRequest, { do: D }>): Promise<Outcome<MailResults[D]>> {
    if (this.#closed) return Promise.resolve({ fault: 'failed', detail: 'the converter is closed' });
    return new Promise(resolve => {
      this.#queue.push({ request, settle: resolve });
      this.#pump();
    });
  }

  warm(): void {
    if (this.#seats.size === 0) this.#start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#queue.splice(0)) job.settle({ fault: 'failed', detail: 'the converter was closed' });
    await Promise.all(
      [...this.#seats].map(seat => this.#end(seat, { fault: 'failed', detail: 'the converter was closed' })),
    );
  }

  #pump(): void {
    for (const seat of this.#seats) if (seat.ready && !seat.job) this.#give(seat);
    const starting = [...this.#seats].filter(seat => !seat.ready).length;
    if (this.#queue.length > starting && this.#seats.size < this.#most) this.#start();
  }

  #give(seat: Seat): void {
    const job = this.#queue.shift();
    // A thread without work keeps no process alive.
    if (!job) {
      seat.worker.unref();
      return;
    }
    seat.worker.ref();
    seat.job = job;
    this.#watch(seat, job);
    seat.worker.postMessage(job.request);
  }

  /**
   * Counts from here on, not from the request (waiting for a turn is nobody's fault), and the thread's own processor
   * time: on a busy machine an honest mail must not look like a bomb.
   */
  #watch(seat: Seat, job: Job): void {
    const limit = this.#conversion.limits.time;
    const started = performance.now();
    const before = processorTime(seat.worker);
    const check = async (): Promise<void> => {
      const used = await Promise.race([usedSince(before, seat.worker), noAnswer()]);
      if (seat.job !== job) return;
      if (used < limit * 0.95 && performance.now() - started < limit * 5) arm(Math.max(50, limit - used));
      else {
        void this.#end(seat, { fault: 'too slow', detail: `took more than ${limit} ms` });
        this.#pump();
      }
    };
    const arm = (delay: number): void => {
      seat.timer = setTimeout(() => void check(), delay);
    };
    arm(limit);
  }

  #start(): void {
    const worker = new Worker(siblingModule(import.meta.url, './mail-worker'), {
      workerData: this.#conversion,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES, maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
    const seat: Seat = { worker, ready: false, job: undefined, timer: undefined };
    this.#seats.add(seat);
    worker.on('message', (answer: MailAnswer) => this.#hear(seat, answer));
    worker.on('error', error => this.#lose(seat, String(error)));
    worker.on('exit', () => this.#lose(seat, 'the thread has ended'));
  }

  #hear(seat: Seat, answer: MailAnswer): void {
    if ('ready' in answer) seat.ready = true;
    else
      this.#settle(
        seat,
        'result' in answer ? { result: answer.result as never } : { fault: 'failed', detail: answer.error },
      );
    this.#pump();
  }

  #settle(seat: Seat, outcome: Outcome<never>): void {
    clearTimeout(seat.timer);
    const job = seat.job;
    seat.job = undefined;
    job?.settle(outcome);
    // The tree of a large mail leaves a large heap behind, which only the thread's end gives back.
    if (job && sizeOf(job.request) > LARGE && this.#seats.has(seat)) void this.#end(seat, outcome);
  }

  #lose(seat: Seat, detail: string): void {
    if (!this.#seats.delete(seat)) return;
    // One that cannot even start would not the next time either: whoever waits for it is told.
    const job = seat.ready ? undefined : this.#queue.shift();
    job?.settle({ fault: 'failed', detail });
    this.#settle(seat, { fault: 'failed', detail });
    this.#pump();
  }

  async #end(seat: Seat, outcome: Outcome<never>): Promise<void> {
    this.#seats.delete(seat);
    this.#settle(seat, outcome);
    await seat.worker.terminate();
  }
}

/** Milliseconds of processor time that the thread has used. */
async function processorTime(worker: Worker): Promise<number> {
  const { user, system } = await worker.cpuUsage().catch(() => ({ user: 0, system: 0 })); // it has ended
  return (user + system) / 1000;
}

async function usedSince(before: Promise<number>, worker: Worker): Promise<number> {
  const now = await processorTime(worker);
  return now - (await before);
}

/** A thread that does not even say how busy it is has had its time. */
async function noAnswer(): Promise<number> {
  await sleep(NO_ANSWER, undefined, { ref: false });
  return Number.POSITIVE_INFINITY;
}

function sizeOf(request: MailRequest): number {
  if (request.do === 'images') return request.html.length;
  if (request.do === 'redact') return request.text.length;
  return (request.source.html?.length ?? 0) + (request.source.text?.length ?? 0);
}
