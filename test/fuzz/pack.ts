import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

/** An entry of a pack, before it is packed; `size` may lie. */
export interface Entry {
  type: number;
  /** For deltas: the name of their base, or how far back it is. */
  base?: Buffer;
  content: Buffer;
  size?: number;
}

export const TYPES = { commit: 1, tree: 2, blob: 3, tag: 4, offsetDelta: 6, namedDelta: 7 } as const;

/** A pack with a right checksum, whatever its entries are; written apart from what reads it. */
export function packOf(entries: readonly Entry[], count = entries.length): Buffer {
  const head = Buffer.alloc(12);
  head.write('PACK');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(count, 8);
  const packed = entries.map(({ type, base, content, size = content.length }) =>
    Buffer.concat([entryHead(type, size), base ?? Buffer.alloc(0), deflateSync(content)]),
  );
  const pack = Buffer.concat([head, ...packed]);
  return Buffer.concat([pack, createHash('sha1').update(pack).digest()]);
}

function entryHead(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size % 16)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1]! |= 0x80;
    bytes.push(rest % 128);
  }
  return Buffer.from(bytes);
}

export function nameOf(type: 'commit' | 'tree' | 'blob', content: Buffer): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
}

/** A delta: sizes of base and result, then instructions. */
export function deltaOf(baseSize: number, resultSize: number, instructions: Buffer): Buffer {
  return Buffer.concat([sizeOf(baseSize), sizeOf(resultSize), instructions]);
}

function sizeOf(size: number): Buffer {
  const bytes: number[] = [];
  let rest = size;
  do {
    bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
}

/** One packet of git's protocol. */
export function line(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}
