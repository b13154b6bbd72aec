import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goReport, haveSharedRaces, SHARED_RACES } from '../../src/automations/races/testing/reports.ts';
import { type RaceReceiver, receiveRaces } from '../support/race-receiver.ts';
import { ended, startScan } from '../support/run-scan.ts';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));
/** Runs the sources, so that each file that it loads shows. */
const SOURCES = fileURLToPath(new URL('../../bin/signalbox.js', import.meta.url));
let folder = '';
let service: RaceReceiver;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'races-limits-'));
  writeFileSync(at('token'), 'box-token\n', { mode: 0o600 });
  service = await receiveRaces();
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true });
});

/** A program that node runs before the scan; it may write into this folder. */
const watcher = (program: string): string[] => ['--import', `data:text/javascript,${encodeURIComponent(program)}`];

/** Scans and sends a log, and returns what was found and the most memory that took, in MiB. */
async function weigh(log: string): Promise<{ races: { count: number; text: string }[]; megabytes: number }> {
  const memory = at('memory');
  const program = `import { writeFileSync } from 'node:fs';
    process.on('exit', () => writeFileSync(${JSON.stringify(memory)}, String(process.resourceUsage().maxRSS / 1024)));`;
  const args = [log, '--json', '--service', service.url, '--token-file', at('token'), '--state', at('state.json')];
  const { code, out, err } = await ended(startScan(folder, args, { node: watcher(program) }));
  expect(code, err).toBe(0);
  return { races: (JSON.parse(out) as { races: never[] }).races, megabytes: Number(readFileSync(memory, 'utf8')) };
}

describe('however long', () => {
  it('lines of 8 MB stay below 120 MiB', async () => {
    const file = openSync(at('long.log'), 'w');
    for (let n = 0; n < 3; n++) writeSync(file, `${'x'.repeat(8_000_000)}\n${goReport('a.b/c.F', 'a.b/c.G')}`);
    writeSync(file, `${JSON.stringify({ msg: goReport('a.b/c.F', 'a.b/c.G') })}${'y'.repeat(8_000_000)}\n`);
    closeSync(file);
    const { races, megabytes } = await weigh(at('long.log'));
    expect(races).toMatchObject([{ count: 4 }]);
    expect(megabytes).toBeLessThan(120);
  });

  it('a report of 200,000 frames stays below 120 MiB, and is one report with its head', async () => {
    const [before = '', after = ''] = goReport('a.b/c.F', 'a.b/c.G').split(/(?<=0x1d2\n)/);
    const file = openSync(at('deep.log'), 'w');
    writeSync(file, before);
    const frames = '  acme.example/pump.dive()\n      /srv/build/pump/dive.go:9 +0x1\n'.repeat(2000);
    for (let n = 0; n < 100; n++) writeSync(file, frames);
    writeSync(file, after);
    closeSync(file);
    const { races, megabytes } = await weigh(at('deep.log'));
    expect(races).toMatchObject([{ count: 1 }]);
    expect(races[0]?.text).toContain('a.b/c.F()');
    expect(races[0]?.text.length).toBeLessThan(300_000);
    expect(megabytes).toBeLessThan(120);
  });
});

it('loads nothing of the service, and no HTTP client but the built-in one', async () => {
  writeFileSync(at('one.log'), goReport('a.b/c.F', 'a.b/c.G'));
  const program = `import { registerHooks } from 'node:module'; import { appendFileSync } from 'node:fs';
    registerHooks({ load(url, context, next) { appendFileSync(${JSON.stringify(at('loaded'))}, url + '\\n'); return next(url, context); } });`;
  const args = [at('one.log'), '--service', service.url, '--token-file', at('token'), '--state', at('lazy.json')];
  for (const _ of ['first', 'again']) {
    const { code, err } = await ended(startScan(folder, args, { node: watcher(program), program: SOURCES }));
    expect(code, err).toBe(0);
  }
  const loaded = readFileSync(at('loaded'), 'utf8').split('\n');
  const rooms = new Set(
    loaded.filter(url => url.includes(SRC)).map(url => url.split(SRC)[1]?.split('/').slice(0, 2).join('/')),
  );
  expect([...rooms]).toEqual(
    expect.arrayContaining(['automations/races', 'cli/commands', 'cli/main.ts', 'cli/races', 'errors.ts']),
  );
  expect(
    [...rooms].filter(room => /^(?:service|engine|storage|gitlab|freshdesk|http|sandbox)/.test(room ?? '')),
  ).toEqual([]);
  expect(loaded.filter(url => /node_modules\/(?:undici|fastify|kysely|pino|p-queue)\//.test(url))).toEqual([]);
});

const here = haveSharedRaces();
describe.runIf(here)(`reference logs${here ? '' : ' (NOT RUN: the reference data is missing)'}`, () => {
  const mangled = join(SHARED_RACES, 'generated/mangled');
  async function races(...files: string[]): Promise<string[]> {
    const paths = files.map(file => join(mangled, file));
    const { code, out, err } = await ended(startScan(folder, [...paths, '--json']));
    expect(code, err).toBe(0);
    const found = JSON.parse(out) as { races: { fingerprint: string; count: number }[] };
    return found.races.map(({ fingerprint, count }) => `${fingerprint} ${count}`).sort();
  }

  it('show the same races, as often, in every format', async () => {
    const plain = await races('no-closing.log');
    expect(plain).toHaveLength(5);
    const formats = existsSync(mangled) ? readdirSync(mangled).filter(file => !/^(?:rotated|prose)/.test(file)) : [];
    expect(formats.length).toBeGreaterThan(12);
    for (const file of [...formats, 'rotated.log.2.gz']) expect(await races(file), basename(file)).toEqual(plain);
    expect(await races('rotated.log', 'rotated.log.1'), 'cut by the rotation').toEqual(plain);
    expect(await races('prose-negatives.log')).toEqual([]);
  });
});
