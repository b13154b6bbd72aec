import { deflateSync } from 'node:zlib';
import { type DigestFormat, startDigest } from './digest.ts';

const TAG = 4;

/** A pack that holds one tag object, gitformat-pack(5). */
export function packOneTag(format: DigestFormat, tag: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.write('PACK', 'latin1');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(1, 8);
  const pack = Buffer.concat([head, entryHead(TAG, tag.length), deflateSync(tag)]);
  const digest = startDigest(format);
  digest.update(pack);
  return Buffer.concat([pack, digest.finish()]);
}

function entryHead(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size & 15)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1]! |= 0x80;
    bytes.push(rest & 0x7f);
  }
  return Buffer.from(bytes);
}
