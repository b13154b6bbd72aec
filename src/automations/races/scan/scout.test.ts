import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { goReport } from '../testing/reports.ts';
import { scanPaths } from './scan-paths.ts';
import { sendScout, WORTH_A_SCOUT } from './scout.ts';

const STRIPE = 128 * 1024;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'races-scout-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of `size` bytes, mostly a hole, with texts at the given offsets. */
function sparse(name: string, size: number, texts: ReadonlyMap<number, string>): string {
  const path = join(folder, name);
  writeFileSync(path, '');
  truncateSync(path, size);
  const file = openSync(path, 'r+');
  for (const [offset, text] of texts) writeSync(file, text, offset);
  closeSync(file);
  return path;
}

it('finds every anchor, wherever the stripes are cut and from wherever it starts', async () => {
  const marker = '\nWARNING: DATA RACE\n';
  const offsets = Array.from({ length: 40 }, (_, index) => (index + 1) * STRIPE - 20 + index);
  // The anchor is the last letter of WARNING.
  const anchors = offsets.map(offset => offset + 7);
  const size = 42 * STRIPE + 100;
  const path = sparse('marks', size, new Map(offsets.map(offset => [offset, marker])));
  for (const from of [0, 1, 63, STRIPE - 5, 777_777]) {
    const scout = sendScout(path, from, size);
    for (let at = from; at < 42 * STRIPE; at += STRIPE) {
      expect(await scout.next(at), `${at} of ${from}`).toBe(anchors.find(anchor => anchor >= at) ?? size);
      // From within a stripe it may say to look there, but it never passes over an anchor.
      const later = anchors.find(anchor => anchor >= at + 1000) ?? size;
      expect(await scout.next(at + 1000)).toBeLessThanOrEqual(later);
    }
    await scout.close();
  }
});

it('lets a large file be scanned to the same result', async () => {
  const texts = new Map<number, string>();
  for (let n = 0; n < 30; n++) {
    texts.set((n * 9 + 1) * STRIPE - 40 * n, `\n${goReport(`a.b/c.(*T${n}).M`, 'a.b/c.(*U).M')}`);
  }
  const size = WORTH_A_SCOUT + 20 * 1024 * 1024;
  const path = sparse('large', size, texts);
  const found: number[] = [];
  const scan = scanPaths([path]);
  for await (const { sites, confidence } of scan) {
    expect(confidence).toBe('complete');
    found.push(Number(/T(\d+)/.exec(sites.join())?.[1]));
  }
  expect(found).toEqual(Array.from({ length: 30 }, (_, n) => n));
  expect(scan.summary).toMatchObject({ bytes: size, unparsed: 0, unreadable: [] });
});

it('leaves the work to the scan when its thread cannot do it', async () => {
  const path = sparse('gone', 8 * STRIPE, new Map([[5 * STRIPE, 'WARNING: DATA RACE']]));
  const scout = sendScout(path, 0, 8 * STRIPE);
  rmSync(path);
  expect(await scout.next(0)).toBe(5 * STRIPE + 6);
  await scout.close();
});
