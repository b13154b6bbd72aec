import { type FileHandle, open } from 'node:fs/promises';
import type { NewDelivery } from './delivery.ts';
import { CHUNK_BYTES, type DeliveryLog } from './delivery-log.ts';
import type { LogPosition } from './log-position.ts';
import { decodeRecord, LONGEST_HEAD, PREFIX_BYTES } from './log-record.ts';
import { segmentFile, segmentMarker } from './log-segments.ts';

/** Records read together; together they change in one transaction. */
const RECORDS = 50;

/** Bytes of a segment that are no record. */
export interface Damage {
  /** `unfinished`: the process or the machine ended in the middle of this write, so it was never acknowledged. */
  kind: 'unfinished' | 'damaged';
  file: string;
  sequence: number;
  offset: number;
  bytes: number;
}

export interface Reading {
  deliveries: NewDelivery[];
  damage: Damage | null;
  /** Where to read on. */
  next: LogPosition;
}

/**
 * Reads the next records of the log, or steps over what is no record; null when everything was read. Their bodies lie in the
 * log's reading memory: they are good until the next reading.
 */
export async function readLog(log: DeliveryLog): Promise<Reading | null> {
  const from = log.position;
  const startIn = (sequence: number) => (sequence === from.segment ? from.offset : 0);
  const segment = log.segments.find(({ sequence, end }) => sequence >= from.segment && end > startIn(sequence));
  if (!segment) return null;
  // What is on disk now: the segment may grow while we read.
  const { sequence, end } = segment;
  const offset = startIn(sequence);
  const file = segmentFile(log.directory, sequence);
  const marker = segmentMarker(log.id, sequence);
  const handle = await open(file, 'r').catch(missing);
  if (!handle) return stepOver({ kind: 'damaged', file, sequence, offset, bytes: end - offset });
  try {
    const { deliveries, length, stop } = await readRecords(handle, { offset, end, marker }, log.chunk);
    if (deliveries.length > 0)
      return { deliveries, damage: null, next: { segment: sequence, offset: offset + length } };
    const next = stop === 'damaged' ? await findRecord(handle, { offset: offset + 1, end, marker }) : end;
    const kind = stop === 'damaged' ? 'damaged' : 'unfinished';
    return stepOver({ kind, file, sequence, offset, bytes: next - offset });
  } finally {
    await handle.close();
  }
}

interface Range {
  offset: number;
  end: number;
  marker: Buffer;
}

async function readRecords(handle: FileHandle, { offset, end, marker }: Range, chunk: SharedArrayBuffer) {
  const deliveries: NewDelivery[] = [];
  let bytes = await readBytes(handle, offset, Math.min(end - offset, CHUNK_BYTES), chunk);
  let at = 0;
  while (deliveries.length < RECORDS && offset + at < end) {
    const record = decodeRecord(bytes.subarray(at), marker);
    if (record.state === 'whole') {
      deliveries.push(record.delivery);
      at += record.length;
    } else if (
      record.state === 'cut' &&
      deliveries.length === 0 &&
      bytes.length < wanted(record.length, end - offset)
    ) {
      // A record that is larger than a chunk.
      const more = await readBytes(handle, offset, wanted(record.length, end - offset));
      if (more.length <= bytes.length) return { deliveries, length: at, stop: record.state };
      bytes = more;
    } else return { deliveries, length: at, stop: record.state };
  }
  return { deliveries, length: at, stop: null };
}

/** As many bytes of a cut record as there can be. */
function wanted(length: number | null, available: number): number {
  return Math.min(length ?? PREFIX_BYTES + LONGEST_HEAD, available);
}

/** The offset of the next record whose head is whole, or the segment's end. */
async function findRecord(handle: FileHandle, { offset, end, marker }: Range): Promise<number> {
  for (let from = offset; from < end; ) {
    const bytes = await readBytes(handle, from, Math.min(end - from, CHUNK_BYTES));
    const at = bytes.indexOf(marker);
    if (at < 0) {
      if (bytes.length < CHUNK_BYTES) return end;
      from += bytes.length - marker.length + 1;
      continue;
    }
    const head = await readBytes(handle, from + at, Math.min(end - from - at, PREFIX_BYTES + LONGEST_HEAD));
    const record = decodeRecord(head, marker);
    if (record.state === 'whole' || (record.state === 'cut' && record.length !== null)) return from + at;
    from += at + 1;
  }
  return end;
}

/** Fewer bytes than asked for where the file ends before. The memory is shared, so that the database thread reads bodies where they lie. */
async function readBytes(
  handle: FileHandle,
  offset: number,
  length: number,
  memory = new SharedArrayBuffer(length),
): Promise<Buffer> {
  const buffer = Buffer.from(memory, 0, length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await handle.read(buffer, read, length - read, offset + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return buffer.subarray(0, read);
}

function stepOver(damage: Damage): Reading {
  return { deliveries: [], damage, next: { segment: damage.sequence, offset: damage.offset + damage.bytes } };
}

function missing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
