import { setImmediate } from 'node:timers/promises';
import { searchableBuffer } from './anchor-module.ts';

/** What a window reads from: fills `target` from `at` with at most `length` bytes and returns how many; 0 is the end. */
export interface ByteReader {
  read(target: Buffer, at: number, length: number): number | Promise<number>;
  /** Goes on at another offset; null where the bytes before it have to be read to get there. */
  seek: ((offset: number) => void) | null;
  close(): void;
}

/**
 * Bytes per read: what was just copied from the page cache has to be in this core's own cache when it is searched.
 * Reading ahead in another thread was tried: it costs half as much again, and on a busy machine it is slower.
 */
const BLOCK = 256 * 1024;
/** The first read after a jump: an anchor is near, and beyond its report there is most often nothing. */
const FIRST_BLOCK = 64 * 1024;
/** The longest piece of a line that is looked at as a whole. */
export const LONGEST_LINE = 256 * 1024;
/** What may be looked back at from an anchor: to the line's start and to the lines before it. */
export const LOOK_BACK = 32 * 1024;
/** The search reads up to 4 bytes before and 48 bytes after what it is given. */
export const SLACK = 64;
const KEEP = SLACK + LOOK_BACK + LONGEST_LINE;
/** The event loop gets its turn this often while a file is searched. */
const PAUSE_EVERY = 64 * 1024 * 1024;

/**
 * A window sliding over a stream of bytes: one buffer for a whole scan, however long its files and lines are.
 * Each block is read to the same place, and what is kept of the one before is moved in front of it.
 * Positions are indexes into `bytes`; `more` says how they moved.
 */
export class Window {
  readonly bytes: Buffer;
  start = KEEP;
  end = KEEP;
  ended = false;
  /** Offset in the stream of `bytes[0]`; add a position to it to get that position's offset. */
  base = 0;
  #reader: ByteReader | null = null;
  #sincePause = 0;
  #block = BLOCK;
  readonly #find: (from: number, end: number) => number;

  constructor() {
    const { bytes, find } = searchableBuffer(KEEP + BLOCK + SLACK);
    this.bytes = bytes;
    this.#find = find;
  }

  /** Begins a new stream, whose reader is positioned at `offset`. */
  open(reader: ByteReader, offset: number): void {
    this.#reader = reader;
    this.#block = BLOCK;
    this.#empty(offset);
  }

  /** Goes on at a later offset, without what lies between; false when the stream cannot. */
  jump(offset: number): boolean {
    const seek = this.#reader?.seek ?? null;
    if (seek === null) return false;
    seek(offset);
    this.#block = FIRST_BLOCK;
    this.#empty(offset);
    return true;
  }

  #empty(offset: number): void {
    this.start = KEEP;
    this.end = KEEP;
    this.base = offset - KEEP;
    this.ended = false;
  }

  /** Ends the stream; the window can then open another. */
  close(): void {
    this.#reader?.close();
    this.#reader = null;
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

  /**
   * Adds the next block and drops what lies before `keep`, of which at most LONGEST_LINE + LOOK_BACK bytes may remain.
   * A position p is p - shift afterwards. When nothing came, `ended` is set.
   */
  async more(keep: number): Promise<number> {
    if (this.ended) return 0;
    const kept = this.end - keep;
    if (kept > KEEP - SLACK) throw new RangeError(`a window cannot keep ${kept} bytes`);
    const start = KEEP - kept;
    this.bytes.copyWithin(start, keep, this.end);
    // What an earlier block left around the new one must not look like an anchor that reaches into it.
    this.bytes.fill(0, start - SLACK, start);
    const shift = keep - start;
    this.base += shift;
    this.start = start;
    const read = this.#reader?.read(this.bytes, KEEP, this.#block) ?? 0;
    const count = typeof read === 'number' ? read : await read;
    this.#block = Math.min(BLOCK, this.#block * 2);
    this.end = KEEP + count;
    this.ended = count === 0;
    this.bytes.fill(0, this.end, this.end + SLACK);
    this.#sincePause += count;
    if (this.#sincePause >= PAUSE_EVERY) {
      this.#sincePause = 0;
      await setImmediate();
    }
    return shift;
  }
}
