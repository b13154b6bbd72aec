import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { groupSightings, type RaceGroup } from '../group.ts';
import type { RaceSighting } from '../sighting.ts';
import { goReport } from '../testing/reports.ts';

const CHILD = fileURLToPath(new URL('../testing/crash-child.ts', import.meta.url));
const FILES = 24;
const REPORTS = 40;
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'races-crash-'));
  mkdirSync(join(folder, 'logs'));
  for (let file = 0; file < FILES; file++) {
    let text = '';
    for (let n = 0; n < REPORTS; n++) {
      text += `2026-11-20T03:14:15Z line ${n} of ${file}\n`;
      text += goReport(`a.b/c.(*T${n}).M`, `a.b/c.(*U${file}).M`, { address: `0x00c000${100000 + n}` });
    }
    writeFileSync(join(folder, `logs/box-${file}.log`), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the scanner; kills it after `ms`, if given. Returns its exit code, or null when it was killed. */
async function run(name: string, ms: number | null): Promise<number | null> {
  const args = [CHILD, join(folder, `${name}.state`), join(folder, `${name}.out`), join(folder, 'logs')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const timer = ms === null ? null : setTimeout(() => child.kill('SIGKILL'), ms);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (timer !== null) clearTimeout(timer);
  return code;
}

function result(name: string): { lines: number; groups: Omit<RaceGroup, 'text'>[] } {
  const lines = readFileSync(join(folder, `${name}.out`), 'utf8')
    .split('\n')
    .filter(line => line !== '');
  const sightings = lines.flatMap(line => {
    // A kill within a write leaves half a line; the report comes again in the next run.
    try {
      return [JSON.parse(line) as RaceSighting];
    } catch {
      return [];
    }
  });
  return { lines: lines.length, groups: groupSightings(sightings) };
}

it('has found each report once, however often it was killed on the way', async () => {
  const started = performance.now();
  expect(await run('whole', null)).toBe(0);
  const whole = performance.now() - started;
  const expected = result('whole');
  expect(expected.lines).toBe(FILES * REPORTS);
  let kills = 0;
  for (let attempt = 0; attempt < 40; attempt++) {
    // Later and later, so that it ends; the remainders of a prime spread the points.
    const share = 0.25 + ((attempt * 7919) % 100) / 200 + attempt * 0.02;
    if ((await run('killed', whole * share)) === 0) break;
    kills++;
  }
  expect(kills).toBeGreaterThan(2);
  expect(await run('killed', null)).toBe(0);
  const killed = result('killed');
  expect(killed.groups).toEqual(expected.groups);
  // What a kill repeats is what was found since the last saved step, at most one file each time.
  expect(killed.lines - expected.lines).toBeLessThanOrEqual(kills * REPORTS);
  expect(await run('killed', null)).toBe(0);
  expect(result('killed').lines).toBe(killed.lines);
}, 60_000);
