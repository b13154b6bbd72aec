/** Without a taker this much waits here before the connection is told to wait. */
const MAX_WAITING = 256 * 1024;

/** The body of an answer on its way from a connection to one reader, who takes it piece by piece or by `each`. */
export class AnswerBody implements AsyncIterable<Uint8Array> {
  readonly #connection: { resume: () => void; destroy: () => void };
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #end: 'open' | 'whole' | { error: unknown } = 'open';
  #take: ((bytes: Buffer) => void) | null = null;
  #wake: () => void = () => undefined;

  constructor(connection: { resume: () => void; destroy: () => void }) {
    this.#connection = connection;
  }

  /** Whether more should be read from the connection now. */
  get isWanted(): boolean {
    return this.#waitingBytes < MAX_WAITING;
  }

  push(bytes: Buffer): void {
    if (this.#take) {
      this.#take(bytes);
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#wake();
  }

  finish(): void {
    if (this.#end === 'open') this.#end = 'whole';
    this.#wake();
  }

  fail(error: unknown): void {
    if (this.#end === 'open') this.#end = { error };
    this.#wake();
  }

  /** Hands on each piece as soon as it is there, without a promise for each. */
  async each(take: (bytes: Buffer) => void): Promise<void> {
    try {
      for (const bytes of this.#taken()) take(bytes);
      this.#take = take;
      this.#connection.resume();
      while (this.#end === 'open') await this.#change();
      this.#assertWhole();
    } finally {
      if (this.#end === 'open') this.#connection.destroy();
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        yield* this.#taken();
        if (this.#waiting.length > 0) continue;
        if (this.#end !== 'open') break;
        this.#connection.resume();
        await this.#change();
      }
      this.#assertWhole();
    } finally {
      // Who has seen enough of an answer does not wait for the rest of it.
      if (this.#end === 'open') this.#connection.destroy();
    }
  }

  #taken(): Buffer[] {
    const taken = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    return taken;
  }

  #change(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve;
    });
  }

  #assertWhole(): void {
    if (typeof this.#end === 'object') throw this.#end.error;
  }
}
