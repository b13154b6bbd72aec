import { crc32, deflateSync } from 'node:zlib';

/** A small real PNG of stripes in two colours (0xRRGGBB), so that what shows a picture has one to show. */
export function stripes(width: number, height: number, colours: readonly [number, number]): Buffer {
  const row = (y: number) => {
    const colour = colours[Math.floor(y / 8) % 2] ?? 0;
    return Buffer.concat([
      Buffer.from([0]),
      Buffer.alloc(width * 3, Buffer.from([colour >> 16, (colour >> 8) & 255, colour & 255])),
    ]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const pixels = Buffer.concat(Array.from({ length: height }, (_, y) => row(y)));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
