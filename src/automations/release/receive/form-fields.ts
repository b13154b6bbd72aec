import { SignalboxError } from '../../../errors.ts';
import type { GivenFields } from '../metadata/given-fields.ts';
import { LONGEST_VALUE } from '../metadata/safe-text.ts';
import { type PartHead, readPartHead } from './part-head.ts';
import type { Sink } from './pump.ts';

/** What all fields before the file may take together. */
const MOST_BYTES = 32 * 1024 * 1024;
const LONGEST_HEAD = 16 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * Reads the fields of a form up to the head of its file. Of a value that is too long only the beginning is kept, so that
 * nobody fills our memory and all faults are still found.
 */
export class FormFields implements Sink {
  readonly mustWait = false;
  /** `secret`, `md5` and the like, which are no metadata. */
  readonly special = new Map<string, string>();
  /** The head of the file's part; undefined while it has not come. */
  file: PartHead | undefined;
  /** Bytes behind that head: the beginning of the file. */
  rest = Buffer.alloc(0);
  /** The form has ended without a file. */
  ended = false;
  readonly #given: GivenFields;
  readonly #specialNames: readonly string[];
  readonly #delimiter: Buffer;
  // As if a line had just ended, because the first delimiter has none before it.
  #held = Buffer.from('\r\n');
  #state: 'preamble' | 'behind' | 'head' | 'value' = 'preamble';
  #field: { head: PartHead; chunks: Buffer[]; length: number } | undefined;
  #taken = 0;
  #fields = 0;

  constructor(boundary: string, given: GivenFields, specialNames: readonly string[]) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
    this.#given = given;
    this.#specialNames = specialNames;
  }

  get done(): boolean {
    return this.file !== undefined || this.ended;
  }

  /** Whether the file was the first part. */
  get fileCameFirst(): boolean {
    return this.file !== undefined && this.#fields === 0;
  }

  async drained(): Promise<void> {}

  write(chunk: Buffer): void {
    this.#taken += chunk.length;
    if (this.#taken > MOST_BYTES) throw invalid('the fields before the file are too long');
    let buffer: Buffer<ArrayBufferLike> = this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : chunk;
    for (;;) {
      const left = this.#step(buffer);
      if (left === undefined || this.done) {
        if (this.file) this.rest = Buffer.from(left ?? []);
        this.#held = this.done ? Buffer.alloc(0) : this.#held;
        return;
      }
      buffer = left;
    }
  }

  /** One step through the form; what is left to read, or undefined when more has to come. */
  #step(buffer: Buffer): Buffer | undefined {
    if (this.#state === 'behind') {
      if (buffer.length < 2) return this.#hold(buffer);
      if (buffer[0] === 0x2d && buffer[1] === 0x2d) {
        this.ended = true;
        return undefined;
      }
      if (buffer[0] !== 0x0d || buffer[1] !== 0x0a) throw invalid('a boundary is not followed by a line end');
      this.#state = 'head';
      return buffer.subarray(2);
    }
    if (this.#state === 'head') {
      const end = buffer.indexOf(HEAD_END);
      if (end < 0) {
        if (buffer.length > LONGEST_HEAD) throw invalid('the head of a part is too long');
        return this.#hold(buffer);
      }
      this.#begin(readPartHead(buffer.toString('latin1', 0, end)));
      return buffer.subarray(end + HEAD_END.length);
    }
    const at = buffer.indexOf(this.#delimiter);
    if (at < 0) {
      const keep = Math.min(buffer.length, this.#delimiter.length - 1);
      this.#take(buffer.subarray(0, buffer.length - keep));
      return this.#hold(buffer.subarray(buffer.length - keep));
    }
    this.#take(buffer.subarray(0, at));
    this.#finishField();
    this.#state = 'behind';
    return buffer.subarray(at + this.#delimiter.length);
  }

  #hold(buffer: Buffer): undefined {
    this.#held = Buffer.from(buffer);
  }

  #begin(head: PartHead): void {
    if (head.name === 'file') this.file = head;
    else {
      this.#fields++;
      if (this.#fields > 200) throw invalid('it has too many fields');
      this.#field = { head, chunks: [], length: 0 };
      this.#state = 'value';
    }
  }

  #take(bytes: Buffer): void {
    const field = this.#field;
    if (!field) return;
    if (field.length <= LONGEST_VALUE)
      field.chunks.push(Buffer.from(bytes.subarray(0, LONGEST_VALUE + 1 - field.length)));
    field.length += bytes.length;
  }

  #finishField(): void {
    const field = this.#field;
    if (!field) return;
    this.#field = undefined;
    const { name } = field.head;
    let value: string;
    if (field.length > LONGEST_VALUE) {
      this.#given.fault(name, `is longer than ${LONGEST_VALUE} bytes`);
      return;
    }
    try {
      value = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(field.chunks));
    } catch {
      this.#given.fault(name, 'is not UTF-8');
      return;
    }
    if (!this.#specialNames.includes(name)) this.#given.add(name, value);
    else if (this.special.has(name)) this.#given.fault(name, 'is given twice');
    else this.special.set(name, value);
  }
}

function invalid(detail: string): SignalboxError {
  return new SignalboxError('SBX_RELEASE_FORM_INVALID', detail);
}
