import { type DigestFormat, startDigest } from './digest.ts';
import type { ObjectType } from './pack-entry.ts';

/** The object id of these bytes: the digest of `<type> <size>\0<bytes>`, in hexadecimal. */
export function objectId(format: DigestFormat, type: ObjectType, bytes: Buffer): string {
  const digest = startDigest(format);
  digest.update(Buffer.from(`${type} ${bytes.length}\0`));
  digest.update(bytes);
  return digest.finish().toString('hex');
}
