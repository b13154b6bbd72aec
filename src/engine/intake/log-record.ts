import { crc32 } from 'node:zlib';
import type { NewDelivery } from './delivery.ts';

/**
 * One delivery in a segment of the intake log (numbers little-endian):
 *
 *     0  marker   8 bytes, the same within a segment, unknown to senders
 *     8  length of the head, u32
 *    12  length of the body, u32
 *    16  CRC-32 of the body
 *    20  CRC-32 of bytes 8 to 20 and the head
 *    24  head, JSON: all of the delivery but its body
 *     …  body, the raw bytes as they came
 *
 * The head has a checksum of its own so that its lengths can be believed when the body is damaged or cut off.
 */
export const PREFIX_BYTES = 24;
export const MARKER_BYTES = 8;
/** Every field of a head is bounded where it is read off the headers; this is far beyond them all. */
export const LONGEST_HEAD = 16 * 1024;

/** Prefix and head of a record; the body follows it on disk straight from the memory that it lies in. */
export function encodeHead({ body, ...head }: NewDelivery, marker: Uint8Array): Buffer {
  const text = JSON.stringify(head);
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + length);
  bytes.set(marker);
  bytes.writeUInt32LE(length, 8);
  bytes.writeUInt32LE(body.byteLength, 12);
  bytes.writeUInt32LE(crc32(body), 16);
  bytes.write(text, PREFIX_BYTES, 'utf8');
  bytes.writeUInt32LE(headSum(bytes), 20);
  return bytes;
}

export type DecodedRecord =
  | { state: 'whole'; delivery: NewDelivery; length: number }
  /** The bytes end before the record does; its length, where the head is there to tell. */
  | { state: 'cut'; length: number | null }
  | { state: 'damaged' };

/** Reads the record that begins the given bytes; its body is a view of them. */
export function decodeRecord(bytes: Buffer, marker: Uint8Array): DecodedRecord {
  if (bytes.length < PREFIX_BYTES) return { state: 'cut', length: null };
  const headLength = bytes.readUInt32LE(8);
  if (!bytes.subarray(0, MARKER_BYTES).equals(marker) || headLength > LONGEST_HEAD) return { state: 'damaged' };
  const bodyAt = PREFIX_BYTES + headLength;
  if (bytes.length < bodyAt) return { state: 'cut', length: null };
  const head = bytes.subarray(0, bodyAt);
  if (headSum(head) !== head.readUInt32LE(20)) return { state: 'damaged' };
  const length = bodyAt + head.readUInt32LE(12);
  if (bytes.length < length) return { state: 'cut', length };
  const body = bytes.subarray(bodyAt, length);
  if (crc32(body) !== head.readUInt32LE(16)) return { state: 'damaged' };
  const fields = readFields(head.toString('utf8', PREFIX_BYTES));
  return fields ? { state: 'whole', delivery: { ...fields, body }, length } : { state: 'damaged' };
}

/** Null for what nobody of us has written, whatever its checksum says: stepped over once, it does not stop us at each start. */
function readFields(text: string): Omit<NewDelivery, 'body'> | null {
  try {
    return JSON.parse(text) as Omit<NewDelivery, 'body'>;
  } catch {
    return null;
  }
}

function headSum(prefixAndHead: Buffer): number {
  return crc32(prefixAndHead.subarray(PREFIX_BYTES), crc32(prefixAndHead.subarray(MARKER_BYTES, 20)));
}
