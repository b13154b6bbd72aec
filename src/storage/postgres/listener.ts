import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { WORK_CHANNEL } from '../database.ts';
import { clientConfig } from './pool.ts';

const RECONNECT = 1_000;
/** What is told within this time is heard once: under load every process is told of every event of all others. */
const TOGETHER = 50;

/**
 * Hears what other processes tell. It has a connection of its own, and makes a new one when that is lost; since something
 * may have been told meanwhile, it then calls back, too.
 */
export class Listener {
  readonly #url: string;
  readonly #told = new Set<() => void>();
  readonly #closing = new AbortController();
  #client: pg.Client | undefined;
  #telling: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  add(told: () => void): void {
    this.#told.add(told);
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#telling);
    await this.#client?.end().catch(() => undefined);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#listen().catch(() => undefined);
      await pause(RECONNECT, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Resolves when the connection has ended. */
  async #listen(): Promise<void> {
    const client = new pg.Client(clientConfig(this.#url));
    this.#client = client;
    const over = new Promise<void>(resolve => client.once('end', () => resolve()));
    client.on('error', () => undefined);
    client.on('notification', () => {
      this.#telling ??= setTimeout(() => this.#tell(), TOGETHER);
    });
    try {
      await client.connect();
      await client.query(`listen ${WORK_CHANNEL}`);
      this.#tell();
      await over;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    for (const told of this.#told) told();
  }
}
