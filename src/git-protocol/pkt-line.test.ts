import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packet, readPackets } from './pkt-line.ts';

async function* inPieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function read(bytes: Buffer, sizes: readonly number[] = [1000], max = 1e9): Promise<string[]> {
  const seen: string[] = [];
  await readPackets(inPieces(bytes, sizes), max, (kind, chunk, start, end) => {
    seen.push(kind === 'data' ? `=${chunk.toString('utf8', start, end)}` : kind);
  });
  return seen;
}

describe('pkt-line', () => {
  it('gives back what was written, wherever the network cuts it', async () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 60 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), async (lines, sizes) => {
        const bytes = Buffer.from(`${lines.map(packet).join('')}0001${packet('after')}0000`);
        expect(await read(bytes, sizes)).toEqual([
          ...lines.map(line => `=${Buffer.from(line).toString()}`),
          'delimiter',
          '=after',
          'flush',
        ]);
      }),
      { numRuns: 40 },
    );
  });

  it('counts bytes and not characters', () => {
    expect(packet('é')).toBe('0006é');
  });

  it.each([
    ['text that is no packet', '<html>', 'not made of packets'],
    ['the reserved length 3', '0003', 'not made of packets'],
    ['a packet that is too long', 'ffff', 'not made of packets'],
    ['an end inside a packet', '0009ab', 'ends inside'],
    ['an end inside a length', '00', 'ends inside'],
  ])('refuses %s', async (_what, text, words) => {
    await expect(read(Buffer.from(text), [1])).rejects.toMatchObject({ code: 'SBX_REMOTE_UNEXPECTED' });
    await expect(read(Buffer.from(text), [1000])).rejects.toThrow(words);
  });

  it('stops at the limit', async () => {
    const bytes = Buffer.from(packet('x'.repeat(100)));
    await expect(read(bytes, [10], 50)).rejects.toMatchObject({ code: 'SBX_GIT_ANSWER_TOO_LARGE' });
  });
});
