import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { goReport } from '../../src/automations/races/testing/reports.ts';
import type { BenchOptions, Row } from '../row.ts';

const BIN = fileURLToPath(new URL('../../bin/signalbox.js', import.meta.url));
const LOOP = fileURLToPath(new URL('readline-loop.ts', import.meta.url));
const MARKER = 'WARNING: DATA RACE';
const result = z.object({ races: z.array(z.object({ count: z.number(), text: z.string() })) });

interface Measured {
  reports: number;
  /** Frames over the limit of a stack, which are counted and left out. */
  frames: number;
  seconds: number;
  megabytes: number;
}

/** A log as an appliance writes it: levels in capitals, and a report now and then. */
function writeLog(path: string, bytes: number): void {
  const file = openSync(path, 'w');
  const levels = ['INFO', 'DEBUG', 'WARNING', 'ERROR', 'INFO'];
  let size = 0;
  for (let block = 0; size < bytes; block++) {
    let text = '';
    for (let n = 0; n < 20_000; n++) {
      const id = block * 20_000 + n;
      const clock = `${String(block % 24).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}:17.${id % 1000}Z`;
      const what = `component=pump module=valve request ${(id * 7919) % 1_000_003} handled by worker ${id % 16} in ${id % 977} ms`;
      text += `2026-11-20T${clock} ${levels[id % 5]}: ${what} peer=10.0.${id % 256}.7:4711 Data complete\n`;
    }
    text += goReport(`acme.example/pump.(*Valve).Open${block % 40}`, 'acme.example/pump.(*Gauge).Read');
    size += writeSync(file, text);
  }
  closeSync(file);
}

function writeLongLine(path: string): void {
  const file = openSync(path, 'w');
  for (let n = 0; n < 5; n++) writeSync(file, `${'x'.repeat(8_000_000)}\n${goReport('a.F', 'a.G')}`);
  closeSync(file);
}

function writeDeepReport(path: string): void {
  const file = openSync(path, 'w');
  const [before = '', after = ''] = goReport('a.F', 'a.G').split(/(?<=0x1d2\n)/);
  writeSync(file, before);
  for (let n = 0; n < 100; n++)
    writeSync(file, '  acme.example/pump.dive()\n      /srv/build/pump/dive.go:9 +0x1\n'.repeat(2000));
  writeSync(file, after);
  closeSync(file);
}

/** Processes that are shipped have their modules compiled; a source tree that runs for the first time has not. */
const environmentFor = (path: string): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_COMPILE_CACHE: join(dirname(path), 'compile-cache'),
});

/** Runs `signalbox races scan` as its users do, from the start of the process to its end. */
function scan(path: string): Measured {
  const memory = join(dirname(path), 'memory');
  const watcher = `import { writeFileSync } from 'node:fs';
    process.on('exit', () => writeFileSync(${JSON.stringify(memory)}, String(process.resourceUsage().maxRSS / 1024)));`;
  const args = [
    '--import',
    `data:text/javascript,${encodeURIComponent(watcher)}`,
    BIN,
    'races',
    'scan',
    path,
    '--json',
  ];
  const started = performance.now();
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', env: environmentFor(path) });
  const seconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(stderr);
  const { races } = result.parse(JSON.parse(stdout));
  const reports = races.reduce((sum, { count }) => sum + count, 0);
  const left = races.map(({ text }) => Number(/\((\d+) more frames\)/.exec(text)?.[1] ?? 0));
  const frames = left.reduce((sum, count) => sum + count, 0);
  return { reports, frames, seconds, megabytes: Number(readFileSync(memory, 'utf8')) };
}

/** The loop that is usually written first, in a process of its own, too. */
function readLines(path: string): number {
  const started = performance.now();
  const { stderr, status } = spawnSync(process.execPath, [LOOP, path], { encoding: 'utf8', env: environmentFor(path) });
  if (status !== 0) throw new Error(stderr);
  return (performance.now() - started) / 1000;
}

function shell(command: string, path: string): number {
  const started = performance.now();
  const { status } = spawnSync('sh', ['-c', command, 'sh', path], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  if (status !== 0) throw new Error(`${command}: exit ${status}`);
  return (performance.now() - started) / 1000;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
let rows: Row[] = [];

function row(name: string, ours: number, peer: number, goal: number): void {
  const show = (seconds: number) => `${seconds.toFixed(2)} s`;
  // How many times as fast: the inverse of the times.
  const ratio = peer / ours;
  rows.push({ name, ours: show(ours), peer: show(peer), ratio, goal: `at least ${goal}`, reached: ratio >= goal });
}

function compare(log: string, part: string): void {
  // Fills the compile cache and the page cache.
  scan(log);
  readLines(log);
  // Interleaved, so that a slow moment of the machine hits all of them.
  const rounds = Array.from({ length: 5 }, () => ({
    grep: shell(`grep -c "${MARKER}" "$1" | cat`, log),
    scan: scan(log),
    lines: readLines(log),
  }));
  const reports = Number(spawnSync('grep', ['-c', MARKER, log], { encoding: 'utf8' }).stdout);
  if (rounds.some(round => round.scan.reports !== reports)) throw new Error('not all reports were found');
  const grep = median(rounds.map(round => round.grep));
  const ours = median(rounds.map(round => round.scan.seconds));
  const lines = median(rounds.map(round => round.lines));
  row(`races in a log of ${gigabytes(log)}, speed beside grep -c`, ours, grep, 0.7);
  row('the same, speed beside a readline loop', ours, lines, 7);
  memory(
    'peak memory, that log',
    rounds.map(round => round.scan),
  );
  shell('gzip -1 "$1"', part);
  const packed = `${part}.gz`;
  const gz = Array.from({ length: 3 }, () => ({
    zcat: shell(`zcat "$1" | grep -c "${MARKER}" | cat`, packed),
    scan: scan(packed),
  }));
  const zcat = median(gz.map(round => round.zcat));
  const unpacked = median(gz.map(round => round.scan.seconds));
  row('races in a packed log, speed beside zcat | grep -c', unpacked, zcat, 1.2);
  memory(
    'peak memory, packed log',
    gz.map(round => round.scan),
  );
}

/** The most that any of the runs took. */
function memory(what: string, runs: Measured[]): void {
  const megabytes = Math.max(...runs.map(run => run.megabytes));
  rows.push({
    name: `races scan, ${what}`,
    ours: `${megabytes.toFixed(0)} MiB`,
    peer: '',
    ratio: null,
    goal: 'below 120 MiB',
    reached: megabytes < 120,
  });
}

function gigabytes(file: string): string {
  return `${(statSync(file).size / 1e9).toFixed(1)} GB`;
}

/** How fast logs are searched beside grep, a readline loop and zcat in the same run, and what memory that takes. */
export function measureSpeed({ quick = false }: BenchOptions = {}): Row[] {
  rows = [];
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-races-'));
  try {
    const [log, part, long, deep] = ['big.log', 'part.log', 'long.log', 'deep.log'].map(name => join(folder, name)) as [
      string,
      string,
      string,
      string,
    ];
    writeLog(log, quick ? 0.1e9 : 1.5e9);
    writeLog(part, quick ? 0.05e9 : 0.4e9);
    compare(log, part);
    writeLongLine(long);
    memory('peak memory, lines of 8 MB', [scan(long)]);
    writeDeepReport(deep);
    const run = scan(deep);
    if (run.reports !== 1 || run.frames < 199_000)
      throw new Error(`the deep report was not read: ${JSON.stringify(run)}`);
    memory('peak memory, a report of 200,000 frames', [run]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return rows;
}
