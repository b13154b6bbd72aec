import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startDigest } from './digest.ts';

describe.each(['sha1', 'sha256'] as const)('startDigest %s', format => {
  const digestOf = (pieces: readonly Buffer[]): string => {
    const digest = startDigest(format);
    for (const piece of pieces) digest.update(piece);
    return digest.finish().toString('hex');
  };
  const right = (bytes: Buffer): string => createHash(format).update(bytes).digest('hex');

  it('is what node:crypto makes of every small length, and around the limit', () => {
    const lengths = [...Array(300).keys(), 8_190, 8_191, 8_192, 8_193, 20_000];
    for (const length of lengths) {
      const bytes = Buffer.alloc(length, 'Signalbox \xff\0', 'latin1');
      expect(digestOf([bytes]), `${length} bytes`).toBe(right(bytes));
    }
    expect(digestOf([])).toBe(right(Buffer.alloc(0)));
  });

  it('is the same in pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 8 }), arrays => {
        const pieces = arrays.map(array => Buffer.from(array));
        expect(digestOf(pieces)).toBe(right(Buffer.concat(pieces)));
      }),
    );
  });
});
