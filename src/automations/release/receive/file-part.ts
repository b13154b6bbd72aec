import { SignalboxError } from '../../../errors.ts';
import type { Sink } from './pump.ts';

/**
 * Hands the bytes of a form's file on until its boundary. The boundary is looked for in the chunk itself and nothing is
 * copied, except where a chunk ends in what could be its beginning.
 */
export class FilePart implements Sink {
  readonly #writer: Sink;
  readonly #delimiter: Buffer;
  #held: Buffer | undefined;
  #behind: Buffer | undefined;

  constructor(writer: Sink, boundary: string) {
    this.#writer = writer;
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  get mustWait(): boolean {
    return this.#writer.mustWait;
  }

  drained(): Promise<void> {
    return this.#writer.drained();
  }

  write(chunk: Buffer): void {
    if (this.#behind) {
      this.#afterFile(chunk);
      return;
    }
    const buffer = this.#held ? Buffer.concat([this.#held, chunk]) : chunk;
    this.#held = undefined;
    const at = buffer.indexOf(this.#delimiter);
    if (at >= 0) {
      this.#writer.write(buffer.subarray(0, at));
      this.#behind = Buffer.alloc(0);
      this.#afterFile(buffer.subarray(at + this.#delimiter.length));
      return;
    }
    const keep = this.#possibleBeginning(buffer);
    if (keep > 0) this.#held = Buffer.from(buffer.subarray(buffer.length - keep));
    this.#writer.write(keep > 0 ? buffer.subarray(0, buffer.length - keep) : buffer);
  }

  /** @throws SignalboxError SBX_RELEASE_FORM_INVALID when the body ended within the form */
  assertEnded(): void {
    if (this.#behind && this.#behind.length >= 2) return;
    throw new SignalboxError('SBX_RELEASE_FORM_INVALID', 'the form has no end');
  }

  /** How many bytes at the end of the buffer could be the first of the delimiter. */
  #possibleBeginning(buffer: Buffer): number {
    const from = Math.max(0, buffer.length - this.#delimiter.length + 1);
    for (let at = buffer.indexOf(0x0d, from); at >= 0; at = buffer.indexOf(0x0d, at + 1)) {
      const length = buffer.length - at;
      if (this.#delimiter.compare(buffer, at, buffer.length, 0, length) === 0) return length;
    }
    return 0;
  }

  /** Behind the file only the end of the form may come: whatever else is there was not checked in time. */
  #afterFile(bytes: Buffer): void {
    if (this.#behind!.length >= 2) return;
    this.#behind = Buffer.concat([this.#behind!, bytes.subarray(0, 2)]).subarray(0, 2);
    if (this.#behind.length === 2 && this.#behind.toString('latin1') !== '--') {
      throw new SignalboxError('SBX_RELEASE_FORM_ORDER', 'a field stands behind the file');
    }
  }
}
