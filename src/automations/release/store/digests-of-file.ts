import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Digests } from '../receive/ring.ts';

/** MD5 and SHA-256 of a file as it lies on disk now. */
export async function digestsOfFile(file: string): Promise<Digests> {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    md5.update(chunk as Buffer);
    sha256.update(chunk as Buffer);
  }
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}
