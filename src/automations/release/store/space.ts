import { statfs } from 'node:fs/promises';
import { SignalboxError } from '../../../errors.ts';

/** Room on the disk that is kept for one upload. */
export interface Reservation {
  /** So many of the bytes are on the disk now, and missing from its free space. */
  written(bytes: number): void;
  /** Keeps room for more bytes; rejects with SignalboxError SBX_RELEASE_NO_SPACE, and then keeps what it had. */
  extend(bytes: number): Promise<void>;
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
    const mine = { left: 0 };
    this.#reservations.add(mine);
    const release = () => void this.#reservations.delete(mine);
    const extend = (more: number) => this.#extend(mine, more);
    const written = (count: number) => {
      mine.left = Math.max(0, mine.left - count);
    };
    try {
      await extend(bytes);
    } catch (error) {
      release();
      throw error;
    }
    return { written, extend, release };
  }

  async #extend(mine: { left: number }, bytes: number): Promise<void> {
    // Counted before the disk is asked, so that of two that ask at the same time the second sees the first.
    mine.left += bytes;
    try {
      const { bavail, bsize } = await statfs(this.#directory);
      let promised = MARGIN;
      for (const each of this.#reservations) promised += each.left;
      if (promised > bavail * bsize) throw new SignalboxError('SBX_RELEASE_NO_SPACE', `${bytes} bytes do not fit`);
    } catch (error) {
      mine.left = Math.max(0, mine.left - bytes);
      throw error;
    }
  }
}
