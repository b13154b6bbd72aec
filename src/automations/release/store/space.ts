import { statfs } from 'node:fs/promises';
import { SignalboxError } from '../../../errors.ts';

/** Room on the disk that is kept for one upload. */
export interface Reservation {
  /** So many of the bytes are on the disk now, and missing from its free space. */
  written(bytes: number): void;
  release(): void;
}

/** Left free beyond the artifacts, for the database and the small files. */
const MARGIN = 1024 * 1024;

/** Keeps account of the space that uploads under way will still need, so that two do not count on the same bytes. */
export class Space {
  readonly #directory: string;
  readonly #reservations = new Set<{ left: number }>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws SignalboxError SBX_RELEASE_NO_SPACE */
  async reserve(bytes: number): Promise<Reservation> {
    // Counted before the disk is asked, so that of two that ask at the same time the second sees the first.
    const mine = { left: bytes };
    this.#reservations.add(mine);
    try {
      const { bavail, bsize } = await statfs(this.#directory);
      let promised = MARGIN;
      for (const each of this.#reservations) promised += each.left;
      if (promised > bavail * bsize) throw new SignalboxError('SBX_RELEASE_NO_SPACE', `${bytes} bytes do not fit`);
    } catch (error) {
      this.#reservations.delete(mine);
      throw error;
    }
    return {
      written: count => {
        mine.left = Math.max(0, mine.left - count);
      },
      release: () => void this.#reservations.delete(mine),
    };
  }
}
