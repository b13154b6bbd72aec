import { inflateSync } from 'node:zlib';
import { SignalboxError } from '../errors.ts';
import { malformed } from './pkt-line.ts';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

/** One entry of a pack: a whole object, or a delta against one at an offset or with a name. */
export type PackEntry =
  | { kind: 'object'; type: ObjectType; bytes: Buffer; end: number }
  | { kind: 'offset-delta'; distance: number; bytes: Buffer; end: number }
  | { kind: 'named-delta'; base: string; bytes: Buffer; end: number };

const TYPES: Readonly<Record<number, ObjectType>> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' };
const OFFSET_DELTA = 6;
const NAMED_DELTA = 7;

/**
 * Reads the entry that begins at `start`; null when `bytes` ends before it does. `end` is where the next one begins.
 * Format: gitformat-pack(5).
 *
 * @throws SignalboxError SBX_REMOTE_UNEXPECTED when it is damaged, SBX_GIT_ANSWER_TOO_LARGE above `maxBytes`
 */
export function readEntry(bytes: Buffer, start: number, oidBytes: number, maxBytes: number): PackEntry | null {
  let at = start;
  if (at >= bytes.length) return null;
  let byte = bytes[at++]!;
  const type = (byte >> 4) & 7;
  let size = byte & 15;
  let scale = 16;
  while (byte & 0x80) {
    if (at >= bytes.length) return null;
    byte = bytes[at++]!;
    size += (byte & 0x7f) * scale;
    scale *= 128;
  }
  // A size without an end is no number any more.
  if (!(size <= maxBytes)) {
    throw new SignalboxError('SBX_GIT_ANSWER_TOO_LARGE', `git: an object of ${size} bytes is larger than ${maxBytes}`);
  }
  if (type === OFFSET_DELTA) {
    let distance = -1;
    do {
      if (at >= bytes.length) return null;
      byte = bytes[at++]!;
      distance = (distance + 1) * 128 + (byte & 0x7f);
    } while (byte & 0x80);
    const inflated = inflate(bytes, at, size);
    return inflated && { kind: 'offset-delta', distance, ...inflated };
  }
  if (type === NAMED_DELTA) {
    if (at + oidBytes > bytes.length) return null;
    const base = bytes.toString('hex', at, at + oidBytes);
    const inflated = inflate(bytes, at + oidBytes, size);
    return inflated && { kind: 'named-delta', base, ...inflated };
  }
  const objectType = TYPES[type];
  if (objectType === undefined) throw malformed(`a pack has an entry of the unknown type ${type}`);
  const inflated = inflate(bytes, at, size);
  return inflated && { kind: 'object', type: objectType, ...inflated };
}

function inflate(bytes: Buffer, start: number, size: number): { bytes: Buffer; end: number } | null {
  try {
    // With `info` zlib also tells how much it read, which the pack itself does not say; the types do not know that.
    const options = { info: true, maxOutputLength: Math.max(size, 1), chunkSize: Math.max(size + 1, 64) };
    const result = inflateSync(bytes.subarray(start), options) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    if (result.buffer.length !== size) throw malformed('an object of a pack is shorter than it says');
    return { bytes: result.buffer, end: start + result.engine.bytesWritten };
  } catch (error) {
    if (error instanceof SignalboxError) throw error;
    if ((error as { code?: string }).code === 'Z_BUF_ERROR') return null;
    throw malformed('an object of a pack is damaged');
  }
}
