import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { readPage, TUTORIAL } from './pages.ts';
import { runPage } from './run-page.ts';
import { writePrograms } from './world.ts';

const directory = mkdtempSync(join(tmpdir(), 'signalbox-tutorial-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('the tutorial can be followed to the letter, from an empty directory', { timeout: 240_000 }, async () => {
  const cwd = join(directory, 'clone');
  mkdirSync(cwd);
  const ports = new Map<string, string>();
  for (const port of ['9010', '9020', '8080']) ports.set(port, String(await freePort()));
  const faults = await runPage(TUTORIAL, readPage(TUTORIAL).steps, {
    directory,
    cwd,
    environment: { PATH: `${writePrograms(directory)}:${process.env['PATH']}`, HOME: directory },
    inWorld: text => [...ports].reduce((all, [from, to]) => all.replaceAll(from, to), text),
  });
  expect(faults.join('\n\n')).toBe('');
});
