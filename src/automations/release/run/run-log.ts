import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';

export interface RunLogOptions {
  file: string;
  /** Bytes kept from the beginning; beyond them only the end is kept. */
  limit: number;
  /** Texts that must not appear. */
  secrets: readonly string[];
}

/** At the end of a capped log, bytes. */
const TAIL = 64 * 1024;
/** A line longer than this is written in pieces, characters. */
const LONGEST_LINE = 64 * 1024;
const HIDDEN = '[hidden]';

/**
 * The log of one run: text as it comes, secrets hidden even where they arrive in pieces, and of an endless output the
 * beginning and the end.
 */
export class RunLog {
  readonly #file: FileHandle;
  readonly #limit: number;
  readonly #secrets: readonly string[];
  readonly #longestSecret: number;
  readonly #decoder = new StringDecoder('utf8');
  #line = '';
  #written = 0;
  #skipped = 0;
  #tail = Buffer.alloc(0);
  #failure: string | null = null;

  private constructor(file: FileHandle, { limit, secrets }: RunLogOptions) {
    this.#file = file;
    this.#limit = limit;
    // The longest first: one secret may be a part of another.
    this.#secrets = secrets.filter(secret => secret.length > 0).toSorted((a, b) => b.length - a.length);
    this.#longestSecret = this.#secrets[0]?.length ?? 1;
  }

  /** Begins the log anew. */
  static async open(options: RunLogOptions): Promise<RunLog> {
    return new RunLog(await open(options.file, 'w', 0o640), options);
  }

  /** Whether the beginning is complete: of what follows only the end will be kept. */
  get full(): boolean {
    return this.#written >= this.#limit;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#line += this.#decoder.write(Buffer.from(chunk));
    const end = this.#line.lastIndexOf('\n') + 1;
    if (end > 0) {
      const whole = this.#line.slice(0, end);
      this.#line = this.#line.slice(end);
      await this.#put(this.#hide(whole));
    }
    if (this.#line.length > LONGEST_LINE) {
      // A secret whose beginning has come ends within the characters that stay behind.
      const hidden = this.#hide(this.#line);
      const cut = hidden.length - (this.#longestSecret - 1);
      this.#line = hidden.slice(cut);
      await this.#put(hidden.slice(0, cut));
    }
  }

  /** Why the log is not whole, or null. A full disk must not decide a release's fate, nor make its script wait for ever. */
  get failure(): string | null {
    return this.#failure;
  }

  /** A line of our own, between the script's. */
  async note(text: string): Promise<void> {
    await this.#flushLine();
    await this.#put(`-- ${text}\n`);
  }

  /** Writes what is still held back, and sees to it that it is on disk. */
  async close(): Promise<void> {
    this.#line += this.#decoder.end();
    await this.#flushLine();
    if (this.#skipped > 0) {
      const note = `\n-- ${this.#skipped} bytes are left out here\n`;
      await this.#append(Buffer.concat([Buffer.from(note), this.#tail]));
    }
    await this.#file.sync().catch(() => undefined);
    await this.#file.close();
  }

  async #flushLine(): Promise<void> {
    if (this.#line === '') return;
    const text = this.#hide(this.#line);
    this.#line = '';
    await this.#put(text.endsWith('\n') ? text : `${text}\n`);
  }

  async #put(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    const room = Math.max(0, this.#limit - this.#written);
    const now = bytes.subarray(0, room);
    if (now.length > 0) await this.#append(now);
    this.#written += now.length;
    const rest = bytes.subarray(room);
    if (rest.length === 0) return;
    const kept = Buffer.concat([this.#tail, rest]);
    this.#tail = kept.subarray(Math.max(0, kept.length - TAIL));
    this.#skipped += kept.length - this.#tail.length;
  }

  async #append(bytes: Uint8Array): Promise<void> {
    try {
      await this.#file.writeFile(bytes);
    } catch (error) {
      this.#failure ??= (error as Error).message;
    }
  }

  #hide(text: string): string {
    let hidden = text;
    for (const secret of this.#secrets) hidden = hidden.replaceAll(secret, HIDDEN);
    return hidden;
  }
}
