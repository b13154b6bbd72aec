import { SignalboxError } from '../../errors.ts';
import type { Database, SqlValue } from '../../storage/database.ts';
import type { NewDelivery } from './delivery.ts';

const INSERT = `insert into deliveries (source, dedupe_key, event, chain, origin, received_at, body)
  values (?, ?, ?, ?, ?, ?, ?) on conflict (source, dedupe_key) do nothing`;

/** Position of the body among the parameters. */
const BODY = 6;

const BATCH_ROWS = 256;
const BATCH_BYTES = 8 * 1024 * 1024;
/** Above this much waiting for the disk, a delivery is refused (503) rather than held in memory. */
const PENDING_BYTES = 256 * 1024 * 1024;

interface Pending {
  row: SqlValue[];
  bytes: number;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Stores deliveries so that they survive power loss before they are answered. Whatever arrives while one commit waits for
 * the disk goes into the next one together: 64 senders cost about as many commits per second as one.
 */
export class DeliveryStore {
  readonly #database: Database;
  readonly #pending: Pending[] = [];
  #pendingBytes = 0;
  #flushing = false;
  readonly counts = { stored: 0, duplicate: 0 };

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Resolves when the delivery, or an earlier copy of it, is on disk.
   *
   * @throws SignalboxError SBX_INTAKE_OVERLOADED, SBX_INTAKE_NOT_STORED
   */
  accept(delivery: NewDelivery): Promise<void> {
    const bytes = delivery.body.byteLength;
    if (this.#pendingBytes + bytes > PENDING_BYTES) {
      return Promise.reject(
        new SignalboxError('SBX_INTAKE_OVERLOADED', `${this.#pending.length} deliveries wait for the disk`),
      );
    }
    this.#pendingBytes += bytes;
    return new Promise((resolve, reject) => {
      this.#pending.push({ row: toRow(delivery), bytes, resolve, reject });
      if (!this.#flushing) {
        this.#flushing = true;
        // One turn of the event loop later, so that requests read in the same turn share a commit.
        setImmediate(() => void this.#flush());
      }
    });
  }

  async #flush(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#takeBatch();
      try {
        const stored = await this.#database.insertMany(
          INSERT,
          batch.map(pending => pending.row),
          { compress: BODY },
        );
        this.counts.stored += stored;
        this.counts.duplicate += batch.length - stored;
        for (const pending of batch) pending.resolve();
      } catch (cause) {
        const error = new SignalboxError('SBX_INTAKE_NOT_STORED', (cause as Error).message, { cause });
        for (const pending of batch) pending.reject(error);
      }
    }
    this.#flushing = false;
  }

  #takeBatch(): Pending[] {
    let bytes = 0;
    let count = 0;
    for (const pending of this.#pending) {
      if (count > 0 && (count >= BATCH_ROWS || bytes + pending.bytes > BATCH_BYTES)) break;
      bytes += pending.bytes;
      count++;
    }
    this.#pendingBytes -= bytes;
    return this.#pending.splice(0, count);
  }
}

function toRow(delivery: NewDelivery): SqlValue[] {
  const { source, dedupeKey, event, chain, origin, receivedAt, body } = delivery;
  return [source, dedupeKey, event, chain, origin, receivedAt, body];
}
