import { expect, it } from 'vitest';
import { judgeSoak, type Sample } from './judge.ts';

const MIB = 1024 * 1024;
const MINUTES = 30;

/** A sample every ten seconds; `rss` and the others as functions of the minute. */
function soak(shape: {
  rss?: (minute: number) => number;
  heap?: (m: number) => number;
  files?: (m: number) => number;
}) {
  const { rss = () => 150, heap = () => 40, files = () => 30 } = shape;
  return Array.from({ length: MINUTES * 6 }, (_, n): Sample => {
    const minute = n / 6;
    // A collector's saw: the memory rises for ten samples, and falls.
    const saw = (n % 5) * 4;
    const bytes = (mebibytes: number) => (mebibytes + saw) * MIB;
    const sizes = { rss: bytes(rss(minute)), heap: bytes(heap(minute)), files: files(minute) };
    return { at: n * 10_000, ...sizes, external: 0, delay: 0.01, database: minute * MIB };
  });
}

it.each([
  ['stands still', {}],
  ['grows while it warms up, and no more', { rss: (m: number) => 100 + Math.min(m, 9) * 10 }],
  ['moves up and down', { rss: (m: number) => 150 + 8 * Math.sin(m) }],
  ['falls', { rss: (m: number) => 200 - m, heap: (m: number) => 60 - m / 2 }],
])('calls flat what %s', (_what, shape) => {
  expect(judgeSoak(soak(shape))).toMatchObject({ flat: true, grown: [] });
});

it.each([
  ['memory', { rss: (m: number) => 150 + m * 0.6 }, 'rss', 36],
  ['memory within what the process keeps', { heap: (m: number) => 40 + m * 0.25 }, 'heap', 15],
  ['open files', { files: (m: number) => 30 + m }, 'files', 60],
] as const)('finds a leak of %s', (_what, shape, what, perHour) => {
  const verdict = judgeSoak(soak(shape));
  expect(verdict.flat).toBe(false);
  expect(verdict.grown).toEqual([expect.stringContaining(`${what} rises by `)]);
  const found = verdict.perHour[what] / (what === 'files' ? 1 : MIB);
  expect(found).toBeGreaterThan(perHour * 0.8);
  expect(found).toBeLessThan(perHour * 1.2);
});
