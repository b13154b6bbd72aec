import { type FileHandle, rm } from 'node:fs/promises';
import { SignalboxError } from '../../errors.ts';
import type { Database } from '../../storage/database.ts';
import type { EngineLog } from '../log.ts';
import { Trouble } from '../trouble.ts';
import type { NewDelivery } from './delivery.ts';
import { DiskRoom } from './disk-room.ts';
import { type LogPosition, readPosition } from './log-position.ts';
import { encodeHead } from './log-record.ts';
import {
  createSegment,
  listSegments,
  readLogId,
  type Segment,
  segmentFile,
  segmentMarker,
  tryWriting,
} from './log-segments.ts';

const BATCH_RECORDS = 256;
const BATCH_BYTES = 8 * 1024 * 1024;
/** Above this much waiting for the disk, a delivery is refused (503) rather than held in memory. */
const PENDING_BYTES = 256 * 1024 * 1024;
/** What a waiting delivery takes besides its body: its head, its request and its connection. */
const PENDING_EACH = 16 * 1024;
/** With this much unread no further segment is begun: reading needs room on the same disk. */
const UNREAD_BYTES = 4 * 1024 * 1024 * 1024;

/** Read at once. */
export const CHUNK_BYTES = 2 * 1024 * 1024;

interface Pending {
  delivery: NewDelivery;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** The segment that is being written. */
interface Open extends Segment {
  file: FileHandle;
  marker: Buffer;
}

/** What an earlier process left. */
interface Found {
  directory: string;
  id: string;
  segments: Segment[];
  position: LogPosition;
  unreadBytes: number;
  log: EngineLog;
}

export interface DeliveryLogOptions {
  directory: string;
  /** Where it is recorded how far the log was read. */
  database: Database;
  /** Deliveries are refused while more than about this many bytes are unread; 4 GiB unless told. */
  unreadBytes?: number;
  log?: EngineLog;
}

const SILENT: EngineLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Opens the intake log of a data directory, and takes up what an earlier process left unread in it. The caller holds the
 * directory's lock.
 *
 * @throws SignalboxError SBX_INTAKE_LOG_UNUSABLE
 */
export async function openDeliveryLog(options: DeliveryLogOptions): Promise<DeliveryLog> {
  const { directory, database, unreadBytes = UNREAD_BYTES, log = SILENT } = options;
  const id = await readLogId(directory);
  const segments = await listSegments(directory);
  const position = await readPosition(database.query, id);
  return new DeliveryLog({ directory, id, segments, position, unreadBytes, log });
}

/**
 * Deliveries on disk, in the order in which they came, until they are read. Whatever arrives while one write waits for the
 * disk goes into the next one together: 64 senders cost about as many writes per second as one.
 */
export class DeliveryLog {
  readonly directory: string;
  readonly id: string;
  /** What the one reader reads into, again and again: fresh memory for each reading costs a fifth more. */
  readonly chunk = new SharedArrayBuffer(CHUNK_BYTES);
  readonly #unreadBytes: number;
  readonly #segments: Segment[];
  readonly #room: DiskRoom;
  readonly #trouble: Trouble;
  #position: LogPosition;
  #last: number;
  #open: Open | undefined;
  readonly #pending: Pending[] = [];
  #pendingBytes = 0;
  #flushing = false;
  #flushed = Promise.resolve();

  constructor(found: Found) {
    this.directory = found.directory;
    this.id = found.id;
    this.#unreadBytes = found.unreadBytes;
    this.#segments = found.segments;
    this.#room = new DiskRoom(found.directory);
    this.#trouble = new Trouble(found.log, { begins: 'deliveries are refused', over: 'deliveries are taken again' });
    this.#position = found.position;
    // Never a number that was used before, even if its file is gone: the position would count it as read.
    this.#last = Math.max(found.position.segment, found.segments.at(-1)?.sequence ?? 0);
  }

  /** Everything before this was read. */
  get position(): LogPosition {
    return this.#position;
  }

  /** The segments on disk, oldest first; the last may be growing. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** How many bytes wait to be read. */
  get unread(): number {
    let bytes = 0;
    for (const { sequence, end } of this.#segments) {
      if (sequence > this.#position.segment) bytes += end;
      else if (sequence === this.#position.segment) bytes += end - this.#position.offset;
    }
    return bytes;
  }

  /**
   * Resolves when the delivery is on disk. Its body must not change before that.
   *
   * @throws SignalboxError SBX_INTAKE_OVERLOADED, SBX_INTAKE_DISK_FULL, SBX_INTAKE_NOT_STORED
   */
  accept(delivery: NewDelivery): Promise<void> {
    const bytes = delivery.body.byteLength + PENDING_EACH;
    if (this.#pendingBytes + bytes > PENDING_BYTES) {
      return Promise.reject(
        new SignalboxError('SBX_INTAKE_OVERLOADED', `${this.#pending.length} deliveries wait for the disk`),
      );
    }
    this.#pendingBytes += bytes;
    return new Promise((resolve, reject) => {
      this.#pending.push({ delivery, resolve, reject });
      if (this.#flushing) return;
      this.#flushing = true;
      this.#flushed = this.#flush();
    });
  }

  /** Why deliveries are refused, or null; after a refusal, whether the disk takes something is tried anew. */
  async findTrouble(): Promise<SignalboxError | null> {
    if (this.#trouble.error === null) return null;
    try {
      this.#assertReadInTime();
      await this.#room.assertRoom(0);
      await tryWriting(this.directory);
      this.#trouble.over();
    } catch (cause) {
      this.#trouble.met(refusal(cause));
    }
    return this.#trouble.error;
  }

  /** Everything before `position` was read, and that is on disk: segments behind it are deleted. */
  async advance(position: LogPosition): Promise<void> {
    this.#position = position;
    while (this.#segments.length > 0 && this.#segments[0]!.sequence < position.segment) {
      const { sequence } = this.#segments.shift()!;
      await rm(segmentFile(this.directory, sequence), { force: true });
    }
  }

  /** Ends after what was accepted so far is on disk. */
  async close(): Promise<void> {
    await this.#flushed;
    await this.#open?.file.close();
    this.#open = undefined;
  }

  async #flush(): Promise<void> {
    // One turn of the event loop later, so that requests read in the same turn share a write.
    await new Promise(resolve => setImmediate(resolve));
    while (this.#pending.length > 0) {
      const batch = this.#takeBatch();
      try {
        await this.#write(batch);
        for (const pending of batch) pending.resolve();
        this.#trouble.over();
      } catch (cause) {
        await this.#abandon();
        const error = refusal(cause);
        this.#trouble.met(error);
        for (const pending of batch) pending.reject(error);
      }
    }
    this.#flushing = false;
  }

  async #write(batch: readonly Pending[]): Promise<void> {
    this.#open ??= await this.#begin();
    const open = this.#open;
    const buffers: Uint8Array[] = [];
    let length = 0;
    for (const { delivery } of batch) {
      const head = encodeHead(delivery, open.marker);
      buffers.push(head, delivery.body);
      length += head.byteLength + delivery.body.byteLength;
    }
    await this.#room.assertRoom(length);
    const { bytesWritten } = await open.file.writev(buffers, open.end);
    if (bytesWritten < length) {
      await this.#room.askAgain(length);
      throw new Error(`only ${bytesWritten} of ${length} bytes were written`);
    }
    open.end += length;
    if (open.end < this.#room.segmentBytes) return;
    this.#open = undefined;
    await open.file.close().catch(() => undefined);
  }

  async #begin(): Promise<Open> {
    this.#assertReadInTime();
    const sequence = ++this.#last;
    const file = await createSegment(this.directory, sequence);
    const open = { sequence, end: 0, file, marker: segmentMarker(this.id, sequence) };
    this.#segments.push(open);
    return open;
  }

  #assertReadInTime(): void {
    if (this.unread <= this.#unreadBytes) return;
    throw new SignalboxError('SBX_INTAKE_OVERLOADED', `${this.unread} bytes of deliveries wait to be read`);
  }

  /**
   * After a failed write nobody knows what lies behind the last good record, and after a failed sync the kernel may have forgotten
   * what it could not write. So nothing more is written to this segment; what follows goes into a new one.
   */
  async #abandon(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return;
    await open.file.truncate(open.end).catch(() => undefined);
    await open.file.close().catch(() => undefined);
    if (open.end > 0) return;
    this.#segments.splice(this.#segments.indexOf(open), 1);
    await rm(segmentFile(this.directory, open.sequence), { force: true }).catch(() => undefined);
  }

  #takeBatch(): Pending[] {
    let bytes = 0;
    let count = 0;
    for (const { delivery } of this.#pending) {
      const { byteLength } = delivery.body;
      if (count > 0 && (count >= BATCH_RECORDS || bytes + byteLength > BATCH_BYTES)) break;
      bytes += byteLength;
      count++;
    }
    this.#pendingBytes -= bytes + count * PENDING_EACH;
    return this.#pending.splice(0, count);
  }
}

const FULL = new Set(['ENOSPC', 'EDQUOT']);

function refusal(cause: unknown): SignalboxError {
  if (cause instanceof SignalboxError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  if (FULL.has(code ?? '')) return new SignalboxError('SBX_INTAKE_DISK_FULL', message, { cause });
  return new SignalboxError('SBX_INTAKE_NOT_STORED', message, { cause });
}
