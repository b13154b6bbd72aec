import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Where this run's program lies; told to the processes of the test files by the environment. */
const PLACE = 'SIGNALBOX_TEST_PROGRAM';
const LONGEST_BUILD = 120_000;

/** A place for the program of one run of the tests: vitest.config.ts. */
export function setup(): (() => void) | undefined {
  if (process.env[PLACE] !== undefined) return undefined;
  const place = mkdtempSync(join(tmpdir(), 'signalbox-program-'));
  process.env[PLACE] = place;
  return () => rmSync(place, { recursive: true, force: true });
}

/**
 * What tests start as `signalbox`: today's sources, built as a package has them. It starts in half the time of the sources, and
 * is what users run. Made once in a run, by the test file that needs it first.
 */
export async function builtProgram(): Promise<string> {
  const place = process.env[PLACE] ?? forThisProcess();
  const bin = join(place, 'bin/signalbox.js');
  const made = join(place, 'made');
  if (takes(join(place, 'making'))) {
    try {
      build(place);
      writeFileSync(made, '');
    } catch (error) {
      writeFileSync(join(place, 'failed'), '');
      throw error;
    }
  }
  const end = Date.now() + LONGEST_BUILD;
  while (!existsSync(made)) {
    if (existsSync(join(place, 'failed')) || Date.now() > end)
      throw new Error(`${place} was not built: see the test file that failed first`);
    await sleep(50);
  }
  return bin;
}

/** Outside the tests: `npm run test:chaos`. */
function forThisProcess(): string {
  const remove = setup();
  if (remove) process.once('exit', remove);
  return process.env[PLACE] ?? '';
}

function build(place: string): void {
  for (const name of ['bin', 'package.json']) cpSync(join(ROOT, name), join(place, name), { recursive: true });
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.ts'), join(place, 'dist')], { stdio: 'pipe' });
  for (const name of ['web', 'userscript']) symlinkSync(join(ROOT, 'dist', name), join(place, 'dist', name));
}

function takes(directory: string): boolean {
  try {
    mkdirSync(directory);
    return true;
  } catch {
    return false;
  }
}
