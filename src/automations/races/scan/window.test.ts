import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LOOK_BACK, Window } from './window.ts';

/** What the search stands for, in terms anybody can check. */
const ANCHOR = /G(?=[\s\S]{2}(?:DATA RAC|ThreadSa|KCSA))|(?<=by |in )g(?=oroutin)/g;

/** Reads a text through a window in reads of the given sizes and returns the offsets of all anchors. */
async function anchors(text: string, reads: number[]): Promise<number[]> {
  const window = new Window();
  const bytes = Buffer.from(text, 'latin1');
  let offset = 0;
  let turn = 0;
  window.open(
    {
      read: (target, at, length) => {
        const count = Math.min(length, reads[turn++ % reads.length] ?? length, bytes.length - offset);
        bytes.copy(target, at, offset, offset + count);
        offset += count;
        return turn % 2 === 0 ? count : Promise.resolve(count);
      },
      seek: null,
      close: () => undefined,
    },
    0,
  );
  const found: number[] = [];
  let search = window.start;
  for (;;) {
    const hit = window.find(search);
    if (hit >= 0) {
      found.push(window.base + hit);
      search = hit + 1;
      continue;
    }
    search = window.searched(search);
    if (window.ended) break;
    search -= await window.more(Math.max(window.start, Math.min(search, window.end - LOOK_BACK)));
  }
  window.close();
  return found;
}

it('finds the anchors that a plain search finds, wherever reads end', async () => {
  const piece = fc.constantFrom(
    'WARNING: DATA RACE\n',
    'WARNING: ThreadSanitizer: ',
    'BUG: KCSAN: ',
    'by goroutine 7',
    'by main goroutine',
    'goroutine 1 [running]',
    'G: DATA',
    'GGGGGGG',
    'g\0\0\0u',
    '\0'.repeat(70),
    ' by ',
    '\xff',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(piece, fc.string({ maxLength: 40 })), { maxLength: 120 }),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 }),
      async (pieces, reads) => {
        const text = Buffer.from(pieces.join(''), 'latin1').toString('latin1');
        expect(await anchors(text, reads)).toEqual([...text.matchAll(ANCHOR)].map(({ index }) => index));
      },
    ),
    { numRuns: 60 },
  );
});
