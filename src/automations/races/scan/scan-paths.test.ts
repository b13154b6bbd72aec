import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { groupSightings } from '../group.ts';
import type { RaceSighting } from '../sighting.ts';
import { goReport } from '../testing/reports.ts';
import type { ScanOptions, ScanSummary } from './scan-options.ts';
import { scanPaths } from './scan-paths.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'races-scan-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function scan(
  paths: string | string[],
  options: ScanOptions = {},
): Promise<RaceSighting[] & { summary: ScanSummary }> {
  const run = scanPaths([paths].flat(), options);
  const sightings: RaceSighting[] = [];
  for await (const sighting of run) sightings.push(sighting);
  return Object.assign(sightings, { summary: run.summary });
}

/** A scan that remembers; the file is taken to be written to still. */
const again = (paths: string | string[], settleMs = 3_600_000): ReturnType<typeof scan> =>
  scan(paths, { state: at('state.json'), settleMs });

/** The nth report, different from all others; its functions say which it is. */
const report = (n: number): string =>
  goReport(`acme.example/pump.(*V${n}).Open`, `acme.example/pump.(*G${n}).Read`, {
    address: `0x00c000${100000 + n}`,
    goroutine: n * 2,
  });
const chatter = (n: number): string =>
  `2026-11-20T03:14:${10 + (n % 50)}Z level=info msg="request handled" id=${n}\n`.repeat(1 + (n % 7));
const log = (from: number, to: number): string => {
  let text = '';
  for (let n = from; n < to; n++) text += chatter(n) + report(n);
  return text + chatter(to);
};
const numbers = (sightings: readonly RaceSighting[]): number[] =>
  sightings.map(({ text }) => Number(/\(\*V(\d+)\)/.exec(text)?.[1]));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('one scan', () => {
  it('finds reports in files, directories, patterns, archives and standard input', async () => {
    mkdirSync(at('deep/er'), { recursive: true });
    writeFileSync(at('deep/er/a.log'), log(0, 2));
    writeFileSync(at('deep/b.log.gz'), gzipSync(log(2, 4)));
    writeFileSync(at('c.log'), Buffer.from(`\ufeff${log(4, 5)}`, 'utf16le'));
    const stdin = Readable.from([Buffer.from(log(5, 6))]);
    const found = await scan([at('deep'), at('*.log'), '-'], { stdin });
    expect(numbers(found).sort((a, b) => a - b)).toEqual(upTo(6));
    expect(found.summary).toMatchObject({ files: 4, unparsed: 0, held: 0, unreadable: [] });
    expect(found.find(({ text }) => text.includes('V4'))).toMatchObject({ file: at('c.log'), confidence: 'complete' });
  });

  it('says where a report begins, and when it was written', async () => {
    writeFileSync(at('a.log'), log(3, 5));
    const text = readFileSync(at('a.log'), 'utf8');
    for (const sighting of await scan(at('a.log'))) {
      expect(text.slice(sighting.offset)).toMatch(/^WARNING: DATA RACE\n/);
      expect(sighting.seenAt).toMatch(/^2026-11-20T03:14:1/);
    }
  });

  it('finds every report wherever the block boundaries fall', async () => {
    const filler = Buffer.alloc(2 * 1024 * 1024 - 4000, `${'x'.repeat(99)}\n`);
    for (const shift of [0, 1, 17, 3000, 3700, 3990, 4000, 4020, 4400]) {
      writeFileSync(
        at('big.log'),
        Buffer.concat([
          filler,
          Buffer.from(`${'y'.repeat(shift)}\n`),
          Buffer.from(log(0, 2)),
          filler,
          Buffer.from(report(2)),
        ]),
      );
      expect(numbers(await scan(at('big.log'))), String(shift)).toEqual([0, 1, 2]);
    }
  });

  it('finds a report after, between and within lines of megabytes', async () => {
    const long = `${'z'.repeat(3_000_000)} `;
    const oneLine = JSON.stringify({ level: 'error', msg: report(3) });
    writeFileSync(
      at('long.log'),
      `${long}\n${report(0)}${long}\n${report(1)}${long}${report(2).replace('==================\n', '')}${oneLine}\n${long}`,
    );
    expect(numbers(await scan(at('long.log')))).toEqual([0, 1, 2, 3]);
  });

  it('gives a damaged archive as far as it goes', async () => {
    const packed = gzipSync(log(0, 400));
    writeFileSync(at('cut.log.gz'), packed.subarray(0, Math.floor(packed.length * 0.7)));
    const found = await scan(at('cut.log.gz'));
    expect(found.length).toBeGreaterThan(100);
    expect(found.length).toBeLessThan(400);
  });

  it('says what it could not read, and goes on', async () => {
    writeFileSync(at('a.log'), log(0, 1));
    const found = await scan([at('none.log'), at('x*.log'), at('a.log')]);
    expect(numbers(found)).toEqual([0]);
    expect(found.summary.unreadable.map(({ path }) => path)).toEqual([at('none.log'), at('x*.log')]);
  });

  it('takes no more reports from a file than it may', async () => {
    writeFileSync(at('a.log'), log(0, 12));
    const found = await scan(at('a.log'), { maxReportsPerFile: 5 });
    expect(numbers(found)).toEqual(upTo(5));
    expect(found.summary.capped).toBe(7);
  });

  it('knows a report again that is piped in twice, with less before it', async () => {
    const pipe = (from: number): Promise<RaceSighting[]> =>
      scan('-', { stdin: Readable.from([Buffer.from(log(from, 3))]) });
    const whole = (await pipe(0)).map(({ id }) => id);
    expect(new Set(whole).size).toBe(3);
    expect((await pipe(1)).map(({ id }) => id)).toEqual(whole.slice(1));
  });

  it('keeps the files of a GORACE log_path apart, and rotated ones together', async () => {
    mkdirSync(at('goroutines'));
    for (const pid of [101, 102]) writeFileSync(at(`goroutines/race.${pid}`), report(pid));
    writeFileSync(at('app.log'), log(1, 2));
    writeFileSync(at('app.log.1'), log(0, 1));
    const found = await scan([at('goroutines'), at('app.log'), at('app.log.1')]);
    expect(numbers(found)).toEqual([101, 102, 0, 1]);
  });

  it('counts equal logs of two processes twice, and a log beside its packed copy once', async () => {
    for (const name of ['one.log', 'two.log', 'app.log']) writeFileSync(at(name), log(0, 1));
    writeFileSync(at('app.log.1.gz'), gzipSync(log(0, 1)));
    const found = await scan([at('one.log'), at('two.log')]);
    expect(groupSightings(found)).toMatchObject([{ count: 2 }]);
    writeFileSync(at('app.log.1'), log(0, 1));
    expect(groupSightings(await scan([at('app.log.1'), at('app.log.1.gz')]))).toMatchObject([{ count: 1 }]);
  });
});

describe('scanning again', () => {
  it('gives each report once', async () => {
    writeFileSync(at('a.log'), log(0, 3));
    expect(numbers(await again(at('a.log')))).toEqual([0, 1, 2]);
    expect(numbers(await again(at('a.log')))).toEqual([]);
    appendFileSync(at('a.log'), log(3, 5));
    const more = await again(at('a.log'));
    expect(numbers(more)).toEqual([3, 4]);
    expect(more.summary.bytes).toBeLessThan(log(3, 5).length + 200);
  });

  it('has found the same after every possible interruption as in one go', async () => {
    const text = Buffer.from(log(0, 2));
    writeFileSync(at('whole.log'), text);
    const whole = (await scan(at('whole.log'))).map(({ text: same }) => same);
    for (let cut = 1; cut < text.length; cut += 29) {
      rmSync(at('state.json'), { force: true });
      writeFileSync(at('a.log'), text.subarray(0, cut));
      const first = await again(at('a.log'));
      appendFileSync(at('a.log'), text.subarray(cut));
      const second = await again(at('a.log'));
      expect(
        [...first, ...second].map(({ text: same }) => same),
        `cut at ${cut}`,
      ).toEqual(whole);
      unlinkSync(at('a.log'));
    }
  });

  it('follows a log into the file it was renamed to, though a report was cut in two', async () => {
    const text = Buffer.from(log(0, 4));
    for (let seed = 1; seed < 24; seed++) {
      // Three cuts: what the first run reads, where the log is renamed, what the second run reads.
      const cuts = [seed * 7919, seed * 104729, seed * 1299709].map(value => value % text.length).sort((a, b) => a - b);
      const [one = 0, two = 0, three = 0] = cuts;
      rmSync(at('state.json'), { force: true });
      writeFileSync(at('app.log'), text.subarray(0, one));
      const found = [...(await again(at('app.log')))];
      appendFileSync(at('app.log'), text.subarray(one, two));
      renameSync(at('app.log'), at('app.log.1'));
      writeFileSync(at('app.log'), text.subarray(two, three));
      found.push(...(await again(at('app.log'))));
      appendFileSync(at('app.log'), text.subarray(three));
      found.push(...(await again(at('app.log'))));
      expect(numbers(found), `seed ${seed}: ${cuts.join()}`).toEqual(upTo(4));
      expect(new Set(found.map(({ confidence }) => confidence)), `seed ${seed}`).toEqual(new Set(['complete']));
      unlinkSync(at('app.log.1'));
      unlinkSync(at('app.log'));
    }
  });

  it('reads the packed rest of a log it had read in part, and nothing else of it', async () => {
    writeFileSync(at('app.log'), log(0, 2));
    expect(numbers(await again(at('app.log')))).toEqual([0, 1]);
    writeFileSync(at('app.log.1.gz'), gzipSync(log(0, 2) + log(2, 3)));
    unlinkSync(at('app.log'));
    writeFileSync(at('app.log'), log(3, 4));
    expect(numbers(await again([at('app.log.1.gz'), at('app.log')]))).toEqual([2, 3]);
    expect(numbers(await again([at('app.log.1.gz'), at('app.log')]))).toEqual([]);
  });

  it('notices a log that was copied and emptied', async () => {
    writeFileSync(at('app.log'), log(0, 3));
    await again(at('app.log'));
    copyFileSync(at('app.log'), at('app.log.1'));
    truncateSync(at('app.log'));
    appendFileSync(at('app.log'), log(3, 4));
    expect(numbers(await again([at('app.log'), at('app.log.1')]))).toEqual([3]);
    expect(numbers(await again([at('app.log'), at('app.log.1')]))).toEqual([]);
  });

  it('counts a report again that a restarted process wrote over its old log', async () => {
    writeFileSync(at('race.1'), report(0) + chatter(1));
    expect(await again(at('race.1'))).toHaveLength(1);
    writeFileSync(at('race.1'), report(0));
    const second = await again(at('race.1'));
    expect(numbers(second)).toEqual([0]);
  });

  it('gives up an unfinished report when its log has been silent', async () => {
    const half = report(0).slice(0, -160);
    writeFileSync(at('a.log'), chatter(1) + half);
    const held = await again(at('a.log'));
    expect(numbers(held)).toEqual([]);
    expect(held.summary.held).toBe(1);
    expect(numbers(await again(at('a.log')))).toEqual([]);
    utimesSync(at('a.log'), new Date(0), new Date(0));
    expect((await again(at('a.log'), 1000)).map(({ confidence }) => confidence)).toEqual(['truncated']);
    expect(numbers(await again(at('a.log'), 1000))).toEqual([]);
  });

  it('gives an unfinished report once, beside others that went on in the same log', async () => {
    const two = (line: string, index: number): string => `pump-${index % 2}  | ${line}`;
    const a = report(0).trimEnd().split('\n');
    const b = report(1).trimEnd().split('\n');
    const lines = a.flatMap((line, index) => [two(line, 0), ...(index < 12 ? [two(b[index] ?? '', 1)] : [])]);
    writeFileSync(at('a.log'), `${lines.join('\n')}\n`);
    expect(numbers(await again(at('a.log')))).toEqual([0]);
    appendFileSync(
      at('a.log'),
      b
        .slice(12)
        .map(line => `${two(line, 1)}\n`)
        .join(''),
    );
    expect(numbers(await again(at('a.log')))).toEqual([1]);
    expect(numbers(await again(at('a.log')))).toEqual([]);
  });

  it('goes on within a large log where it was interrupted', async () => {
    const state = at('state.json');
    writeFileSync(at('a.log'), log(0, 1));
    truncateSync(at('a.log'), 150_000_000);
    appendFileSync(at('a.log'), `\n${log(1, 2)}`);
    for await (const sighting of scanPaths([at('a.log')], { state })) if (numbers([sighting]).includes(1)) break;
    const rest = await again(at('a.log'));
    expect(numbers(rest)).toEqual([1]);
    expect(rest.summary.bytes).toBeLessThan(90_000_000);
  });

  it('leaves no half-written state, and refuses one it cannot read', async () => {
    writeFileSync(at('a.log'), log(0, 1));
    await again(at('a.log'));
    expect(JSON.parse(readFileSync(at('state.json'), 'utf8'))).toMatchObject({ version: 1 });
    writeFileSync(at('state.json'), '{"version":1,"lo');
    await expect(again(at('a.log'))).rejects.toThrow();
    expect(existsSync(at('state.json'))).toBe(true);
  });
});
