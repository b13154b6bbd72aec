import { createHash, hash } from 'node:crypto';
import type { ObjectType } from './pack-entry.ts';

/** The object id of these bytes: the digest of `<type> <size>\0<bytes>`, in hexadecimal. */
export function objectId(format: 'sha1' | 'sha256', type: ObjectType, bytes: Buffer): string {
  const head = `${type} ${bytes.length}\0`;
  // One-shot hashing of small objects is twice as fast as a hash object for each.
  if (bytes.length < 16_384) return hash(format, Buffer.concat([Buffer.from(head), bytes]), 'hex');
  return createHash(format).update(head).update(bytes).digest('hex');
}
