import type { Reservation } from '../store/space.ts';
import type { Sink } from './pump.ts';

/** What is kept free for a body whose end nobody knows, at first. */
export const FIRST_ROOM = 1024 * 1024;
/** Later as much again as has come, but not more than this. */
const MOST_AHEAD = 64 * 1024 * 1024;

/**
 * Takes a body without a length: room is kept for a piece of it, and for the next before more is read. So nobody else is
 * promised the bytes that it needs, and it ends with an answer while there is still space for everything else.
 */
export class GrowingRoom implements Sink {
  readonly #sink: Sink;
  readonly #room: Pick<Reservation, 'extend'>;
  #left = FIRST_ROOM;
  #taken = 0;
  #growing: Promise<void> | undefined;
  #failure: unknown;

  /** @param room has FIRST_ROOM bytes already */
  constructor(sink: Sink, room: Pick<Reservation, 'extend'>) {
    this.#sink = sink;
    this.#room = room;
  }

  get mustWait(): boolean {
    return this.#growing !== undefined || this.#sink.mustWait;
  }

  get done(): boolean {
    return this.#sink.done ?? false;
  }

  async drained(): Promise<void> {
    await this.#growing;
    await this.#sink.drained();
  }

  write(chunk: Buffer): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#left -= chunk.length;
    this.#taken += chunk.length;
    if (this.#left <= 0) this.#growing ??= this.#grow();
    this.#sink.write(chunk);
  }

  async #grow(): Promise<void> {
    const more = Math.min(this.#taken, MOST_AHEAD);
    try {
      await this.#room.extend(more);
      this.#left += more;
    } catch (error) {
      // Told with the next bytes: if there are none, all of it has found its place.
      this.#failure = error;
    } finally {
      this.#growing = undefined;
    }
  }
}
