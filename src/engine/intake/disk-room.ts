import { statfs } from 'node:fs/promises';
import { SignalboxError } from '../../errors.ts';

const MIB = 1024 * 1024;
/** Room for the database's write-ahead log, and for what is stored of one segment before the segment is deleted. */
const RESERVE = 128 * MIB;
const RESERVED_SHARE = 0.1;
/** A segment that has grown to this is followed by a new one; whole segments are deleted once they are read. */
const LARGEST_SEGMENT = 64 * MIB;
const SMALLEST_SEGMENT = MIB;
const SEGMENTS_ON_DISK = 32;
/** How long an answer of the disk counts, ms; what is written meanwhile is taken off it. */
const COUNTS = 100;

/**
 * Keeps the last of the disk for the database: a flood that filled it to the last byte could never be read again, and so would
 * never make room. The last 64 MiB, or a tenth of a small disk.
 */
export class DiskRoom {
  readonly #directory: string;
  #askedAt = -Infinity;
  #free = Infinity;
  #reserve = 0;
  /** How large a segment should become. */
  segmentBytes = LARGEST_SEGMENT;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** As `assertRoom`, by what the disk says now. */
  askAgain(bytes: number): Promise<void> {
    this.#askedAt = -Infinity;
    return this.assertRoom(bytes);
  }

  /**
   * Before so many bytes are written.
   *
   * @throws SignalboxError SBX_INTAKE_DISK_FULL
   */
  async assertRoom(bytes: number): Promise<void> {
    if (performance.now() - this.#askedAt > COUNTS) {
      const { bavail, blocks, bsize } = await statfs(this.#directory);
      this.#askedAt = performance.now();
      this.#free = bavail * bsize;
      const size = blocks * bsize;
      this.#reserve = Math.min(RESERVE, size * RESERVED_SHARE);
      this.segmentBytes = Math.max(SMALLEST_SEGMENT, Math.min(LARGEST_SEGMENT, size / SEGMENTS_ON_DISK));
    }
    if (this.#free - bytes >= this.#reserve) {
      this.#free -= bytes;
      return;
    }
    const kept = Math.round(this.#reserve / MIB);
    throw new SignalboxError('SBX_INTAKE_DISK_FULL', `the last ${kept} MiB are kept for reading what is there`);
  }
}
