import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockDataDirectory } from './lock-data-directory.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-lock-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const MODULE = new URL('./lock-data-directory.ts', import.meta.url).href;

/** Another process that takes the lock, says how that went, and lives until it is killed. */
async function otherProcess() {
  const script = `const { lockDataDirectory } = await import(${JSON.stringify(MODULE)});
    try { globalThis.held = lockDataDirectory(${JSON.stringify(directory)}); console.log('held'); setInterval(() => {}, 1000); }
    catch (error) { console.log(error.code); }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { said: line.toString().trim(), child };
}

it('refuses a second process, and lets it in when the first has been killed', async () => {
  const first = await otherProcess();
  expect(first.said).toBe('held');
  expect(() => lockDataDirectory(directory)).toThrow(expect.objectContaining({ code: 'SBX_DATA_DIRECTORY_IN_USE' }));
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const lock = lockDataDirectory(directory);
  expect((await otherProcess()).said).toBe('SBX_DATA_DIRECTORY_IN_USE');
  lock.release();
  const last = await otherProcess();
  expect(last.said).toBe('held');
  last.child.kill('SIGKILL');
  await once(last.child, 'exit');
});

it('makes the directory, and says so when it cannot', async () => {
  lockDataDirectory(join(directory, 'a', 'b')).release();
  await writeFile(join(directory, 'file'), '');
  const refused = expect.objectContaining({ code: 'SBX_DATA_DIRECTORY_UNUSABLE' });
  expect(() => lockDataDirectory(join(directory, 'file'))).toThrow(refused);
});
