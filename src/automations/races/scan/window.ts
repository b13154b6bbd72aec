import { searchableBuffer } from './anchor-module.ts';

/** What a window reads from: fills `target` from `at` with at most `length` bytes and returns how many; 0 is the end. */
export interface ByteReader {
  read(target: Buffer, at: number, length: number): Promise<number>;
  /** May be called while a read is under way; resolves when nothing is written to `target` any more. */
  close(): Promise<void>;
}

/** Bytes per read: large enough that a read costs nothing, small enough to stay in the CPU's caches for the search. */
const BLOCK = 2 * 1024 * 1024;
/** The longest piece of a line that is looked at as a whole. */
export const LONGEST_LINE = 256 * 1024;
/** What may be looked back at from an anchor: to the line's start and to the lines before it. */
export const LOOK_BACK = 32 * 1024;
/** The search reads up to 4 bytes before and 48 bytes after what it is given. */
const SLACK = 64;
const KEEP = SLACK + LOOK_BACK + LONGEST_LINE;
const AREA = KEEP + BLOCK + SLACK;

/**
 * A window sliding over a stream of bytes: one buffer for a whole scan, however long its files and lines are.
 *
 * The buffer has two areas. While the caller works on the block in one, the next block is read into the other, so that
 * reading costs no time of its own; what is kept of the old block is copied in front of the new one.
 * Positions are indexes into `bytes`; `more` says how they moved.
 */
export class Window {
  readonly bytes: Buffer;
  start = SLACK;
  end = SLACK;
  ended = false;
  /** Offset in the stream of `bytes[0]`; add a position to it to get that position's offset. */
  base = 0;
  #area = 0;
  #reader: ByteReader | null = null;
  #pending: Promise<number> | null = null;
  readonly #find: (from: number, end: number) => number;

  constructor() {
    const { bytes, find } = searchableBuffer(2 * AREA);
    this.bytes = bytes;
    this.#find = find;
  }

  /** Begins a new stream, whose reader is positioned at `offset`. */
  open(reader: ByteReader, offset: number): void {
    this.#reader = reader;
    this.#area = 0;
    this.start = KEEP;
    this.end = KEEP;
    this.base = offset - KEEP;
    this.ended = false;
    this.bytes.fill(0, KEEP - SLACK, KEEP);
    this.#pending = this.#read();
  }

  /** Ends the stream; the window can then open another. */
  async close(): Promise<void> {
    const reader = this.#reader;
    this.#reader = null;
    // The buffer must not be given to the next stream while this one's read may still write to it.
    await this.#pending?.catch(() => 0);
    this.#pending = null;
    await reader?.close();
  }

  /** The first anchor at or after `from`, or -1. Near the end of what was read it waits for the bytes that follow. */
  find(from: number): number {
    const end = this.#searchable();
    if (from >= end) return -1;
    const hit = this.#find(from, end);
    return hit >= end ? -1 : hit;
  }

  /** Where the next `find` has to begin after one that found nothing. */
  searched(from: number): number {
    return Math.max(from, this.#searchable());
  }

  #searchable(): number {
    return this.ended ? this.end : this.end - SLACK;
  }

  #read(): Promise<number> {
    if (this.#reader === null) return Promise.resolve(0);
    return this.#reader.read(this.bytes, (1 - this.#area) * AREA + KEEP, BLOCK);
  }

  /**
   * Adds the next block and drops what lies before `keep`, of which at most LONGEST_LINE + LOOK_BACK bytes may remain.
   * A position p is p - shift afterwards. When nothing came, `ended` is set and nothing has moved.
   */
  async more(keep: number): Promise<number> {
    const count = this.ended || this.#pending === null ? 0 : await this.#pending;
    if (count === 0) {
      this.ended = true;
      this.#pending = null;
      // What an earlier, longer read left behind must not look like a report that straddles the end.
      this.bytes.fill(0, this.end, this.end + SLACK);
      return 0;
    }
    const block = (1 - this.#area) * AREA + KEEP;
    const kept = this.end - keep;
    if (kept > KEEP - SLACK) throw new RangeError(`a window cannot keep ${kept} bytes`);
    const start = block - kept;
    this.bytes.copyWithin(start, keep, this.end);
    this.bytes.fill(0, start - SLACK, start);
    const shift = keep - start;
    this.base += shift;
    this.start = start;
    this.end = block + count;
    this.#area = 1 - this.#area;
    this.#pending = this.#read();
    this.#pending.catch(() => 0);
    return shift;
  }
}
