import { Worker } from 'node:worker_threads';
import { SignalboxError } from '../../errors.ts';
import { siblingModule } from '../../sibling-module.ts';
import { translateError } from './translate-error.ts';
import type { WorkerAnswer, WorkerRequest } from './worker.ts';

/** What came back from one statement. */
export interface SqlResult {
  rows: unknown[];
  changes: number;
}

type WithoutId<T> = T extends { id: number } ? Omit<T, 'id'> : never;

/** The main thread's handle on the SQLite thread. */
export class SqliteThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (result: SqlResult) => void; reject: (error: Error) => void }>();
  #nextId = 1;
  #failure: Error | undefined;

  constructor(file: string) {
    this.#worker = new Worker(siblingModule(import.meta.url, './worker'), { workerData: { file } });
    this.#worker.on('message', (answer: WorkerAnswer) => this.#settle(answer));
    this.#worker.on('error', error =>
      this.#fail(translateError(error instanceof Error ? error : new Error(String(error)))),
    );
    this.#worker.on('exit', () => this.#fail(new SignalboxError('SBX_DATABASE_UNWRITABLE', 'its thread has ended')));
  }

  run(sql: string, parameters: readonly unknown[]): Promise<SqlResult> {
    return this.#ask({ do: 'run', sql, parameters });
  }

  async close(): Promise<void> {
    if (this.#failure) return;
    await this.#ask({ do: 'close' });
    await this.#worker.terminate();
  }

  #ask(request: WithoutId<WorkerRequest>): Promise<SqlResult> {
    if (this.#failure) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ ...request, id });
    });
  }

  #settle(answer: WorkerAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (!waiting) return;
    if (!('error' in answer)) {
      waiting.resolve(answer);
      return;
    }
    const error = Object.assign(new Error(answer.error.message), {
      code: answer.error.code,
      errcode: answer.error.errcode,
    });
    waiting.reject(translateError(error));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
