import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runningSince } from './running-since.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'races-since-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const started = (): number => Date.now() - process.uptime() * 1000;

it('knows since when a process runs, by its id and by its pid file', async () => {
  const file = join(folder, 'app.pid');
  writeFileSync(file, `${process.pid}\n`);
  for (const what of [String(process.pid), file]) {
    const since = await runningSince(what, Date.now());
    // The kernel counts in whole seconds from the boot.
    expect(Math.abs((since ?? 0) - started())).toBeLessThan(3000);
  }
});

it('knows that a process has ended, and that a pid file is missing or empty', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  expect(await runningSince(String(child.pid), Date.now())).toBeNull();
  expect(await runningSince(join(folder, 'none.pid'), Date.now())).toBeNull();
  writeFileSync(join(folder, 'empty.pid'), '');
  expect(await runningSince(join(folder, 'empty.pid'), Date.now())).toBeNull();
});

it('takes a time as it is', async () => {
  expect(await runningSince('2026-11-20T06:00Z', 0)).toBe(Date.UTC(2026, 10, 20, 6));
  await expect(runningSince('appliance', 0)).rejects.toThrow('is no time');
});
