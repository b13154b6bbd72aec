import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readProcesses } from './process-table.ts';
import { readExit, runScript, type ScriptRun } from './run-script.ts';
import { processesOf } from './sweep.ts';

let directory: string;
let serial = 0;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-run-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function runText(text: string, options: Partial<ScriptRun> = {}) {
  const script = join(directory, 'release.sh');
  await writeFile(script, `#!/bin/sh\n${text}\n`);
  await chmod(script, 0o755);
  const logFile = join(directory, 'run.log');
  const end = await runScript({
    runId: `test-${process.pid}-${++serial}`,
    script,
    args: ['/a/file.tgz', '/a/env'],
    directory,
    environment: {},
    logFile,
    exitFile: join(directory, 'run.exit'),
    logLimit: 1024 * 1024,
    secrets: [],
    timeout: 20_000,
    grace: 200,
    signal: new AbortController().signal,
    ...options,
  });
  return { end, log: await readFile(logFile, 'utf8') };
}

async function pidIn(name: string): Promise<number> {
  return Number(await readFile(join(directory, name), 'utf8'));
}

async function lives(pid: number): Promise<boolean> {
  return (await readProcesses()).some(entry => entry.pid === pid);
}

it('gives the script its arguments, directory and environment, and nothing of ours', async () => {
  process.env['SIGNALBOX_TEST_SECRET'] = 'must not be inherited';
  const { end, log } = await runText('pwd; echo "$# $1 $2"; env | sort | cut -d= -f1; cat; umask', {
    environment: { RELEASE_VERSION: '5.4.1' },
  });
  delete process.env['SIGNALBOX_TEST_SECRET'];
  expect(end).toEqual({ how: 'exited', exit: 0, signal: null, leftBehind: 0, logFailure: null });
  const names = ['LANG', 'PATH', 'PWD', 'RELEASE_VERSION', 'SIGNALBOX_RUN_ID'];
  expect(log.split('\n')).toEqual([directory, '2 /a/file.tgz /a/env', ...names, '0027', '']);
});

it('takes what looks like shell text in an argument as it is', async () => {
  const hostile = `$(touch ${'x'});'"\`touch y\` \\`;
  const { log } = await runText('printf "%s\\n" "$1"; ls', { args: [hostile, 'b'] });
  expect(log).toBe(`${hostile}\nrelease.sh\nrun.log\nrun.log.raw\n`);
});

it('leaves no file behind but the log and the exit code', async () => {
  await runText('echo x');
  expect((await readdir(directory)).toSorted()).toEqual(['release.sh', 'run.exit', 'run.log']);
});

it('keeps the order of both outputs, and the exit code', async () => {
  const { end, log } = await runText('echo 1; echo 2 >&2; echo 3; exit 75');
  expect([end.how, end.exit, log]).toEqual(['exited', 75, '1\n2\n3\n']);
  expect(await readExit(join(directory, 'run.exit'))).toBe(75);
});

it('says so when there is no such script, or it may not be executed', async () => {
  const { end } = await runText('', { script: join(directory, 'missing') });
  expect(end.exit).toBe(127);
  await writeFile(join(directory, 'plain'), '#!/bin/sh\n');
  expect((await runText('', { script: join(directory, 'plain') })).end.exit).toBe(126);
  const lost = runText('', { directory: join(directory, 'missing') });
  await expect(lost).rejects.toMatchObject({ code: 'SBX_RELEASE_SCRIPT_NOT_STARTED' });
});

it('kills a script that ignores TERM, with all its children', async () => {
  const { end } = await runText(
    'trap "" TERM; sleep 600 & echo $! > child; echo $$ > leader; while :; do sleep 1; done',
    {
      timeout: 500,
    },
  );
  expect([end.how, end.exit]).toEqual(['timed_out', null]);
  expect(await readExit(join(directory, 'run.exit'))).toBeNull();
  expect(await lives(await pidIn('child'))).toBe(false);
  expect(await lives(await pidIn('leader'))).toBe(false);
});

it('lets a script that heeds TERM end by itself, and still calls it timed out', async () => {
  const { end, log } = await runText('trap "echo cleaned up; exit 0" TERM; sleep 600 & wait', {
    timeout: 500,
    grace: 10_000,
  });
  expect([end.how, end.exit]).toEqual(['timed_out', null]);
  expect(log).toContain('cleaned up');
  // Whoever comes after a killed watcher must not take it for a release.
  expect(await readExit(join(directory, 'run.exit'))).toBeNull();
});

it.each([
  ['a background process', 'sleep 600 & echo $! > child'],
  [
    'one in another session',
    'setsid sh -c "echo \\$\\$ > child; exec sleep 600" & until [ -s child ]; do sleep 0.01; done',
  ],
  [
    'a double fork',
    '(setsid sh -c "(echo \\$\\$ > child; exec sleep 600) &") ; until [ -s child ]; do sleep 0.01; done',
  ],
  [
    'one with an empty environment',
    'env -i sh -c "echo \\$\\$ > child; exec sleep 600" & until [ -s child ]; do sleep 0.01; done',
  ],
])('does not wait for %s that was left behind, and kills it', async (_what, text) => {
  const started = performance.now();
  const { end, log } = await runText(text);
  expect([end.how, end.exit]).toEqual(['exited', 0]);
  expect(end.leftBehind).toBeGreaterThan(0);
  expect(log).toContain('left behind');
  expect(await lives(await pidIn('child'))).toBe(false);
  // Tells waiting for the child (600 s) from not waiting, on the slowest machine.
  expect(performance.now() - started).toBeLessThan(60_000);
});

it('is cut off when the service stops', async () => {
  const stopping = new AbortController();
  const run = runText('echo started > marker; sleep 600', { signal: stopping.signal });
  await waitFor(() => stat(join(directory, 'marker')));
  stopping.abort();
  expect((await run).end).toMatchObject({ how: 'interrupted', exit: null });
  expect(await readExit(join(directory, 'run.exit'))).toBeNull();
});

it('does not begin what is cut off already, and forgets what an earlier run by its name has left', async () => {
  await writeFile(join(directory, 'run.exit'), '0\n');
  const { end } = await runText('echo started > marker; exec sleep 600', { timeout: 300 });
  expect([end.how, await readExit(join(directory, 'run.exit'))]).toEqual(['timed_out', null]);
  await rm(join(directory, 'marker'));
  await writeFile(join(directory, 'run.log'), '');
  expect((await runText('echo started > marker', { signal: AbortSignal.abort() })).end.how).toBe('interrupted');
  expect(existsSync(join(directory, 'marker'))).toBe(false);
});

it('believes a script that has ended by itself just before it is cut off', async () => {
  const stopping = new AbortController();
  const run = runText('echo started > marker; sleep 0.3; exit 0', { signal: stopping.signal });
  await waitFor(() => stat(join(directory, 'marker')));
  // Nothing is heard of its end before that.
  while (!existsSync(join(directory, 'run.exit')));
  stopping.abort();
  expect((await run).end).toMatchObject({ how: 'exited', exit: 0 });
});

it('keeps the beginning and the end of an endless output, on flat memory', async () => {
  const before = process.memoryUsage().rss;
  const { end, log } = await runText('echo first; yes "the same line again" | head -c 300000000; echo last', {
    logLimit: 100_000,
  });
  expect(end.exit).toBe(0);
  expect(log.length).toBeLessThan(200_000);
  expect(log.startsWith('first\n')).toBe(true);
  expect(log.endsWith('\nlast\n')).toBe(true);
  expect(log).toMatch(/\n-- \d+ bytes are left out here\n/);
  expect(process.memoryUsage().rss - before).toBeLessThan(250 * 1024 * 1024);
});

it('hides secrets, also when they come in pieces or in an endless line', async () => {
  const secret = 'very-secret-value-0123456789';
  const { log } = await runText(
    `printf 'a very-secret-'; sleep 0.1; printf 'value-0123456789 b\\n'; head -c 65520 /dev/zero | tr '\\0' x; printf '${secret}'; sleep 0.1; head -c 70000 /dev/zero | tr '\\0' y`,
    { secrets: [secret, 'value'] },
  );
  expect(log.startsWith('a [hidden] b\n')).toBe(true);
  expect(log).not.toContain('secret-value');
  expect(log.match(/\[hidden\]/g)).toHaveLength(2);
  expect(log.match(/y/g)).toHaveLength(70_000);
});

async function waitFor<T>(look: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await look();
    } catch {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  }
}

it('ends a guarded script with its watcher, whatever it did to get away, and before it leaves an exit code', async () => {
  const script = join(directory, 'release.sh');
  const text = `trap '' TERM; setsid sleep 600 & echo $! > away; (env -i /bin/sleep 600) & echo $! > bare; echo $$ > leader; sleep 600; sleep 600`;
  await writeFile(script, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const run = {
    script,
    args: [],
    directory,
    environment: {},
    logFile: join(directory, 'run.log'),
    exitFile: join(directory, 'exit'),
  };
  const options = {
    ...run,
    runId: `guard-${process.pid}`,
    logLimit: 1000,
    secrets: [],
    timeout: 600_000,
    grace: 200,
    guarded: true,
  };
  const module = new URL('./run-script.ts', import.meta.url).href;
  const code = `import { runScript } from ${JSON.stringify(module)};
    await runScript({ ...${JSON.stringify(options)}, signal: new AbortController().signal });`;
  const watcher = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'inherit' });
  const written = (name: string) => pidIn(name).catch(() => 0);
  await expect.poll(() => written('leader')).toBeGreaterThan(0);
  const pids = await Promise.all(['away', 'bare', 'leader'].map(written));
  for (const pid of pids) expect(await lives(pid)).toBe(true);
  watcher.kill('SIGKILL');
  await expect.poll(async () => (await Promise.all(pids.map(lives))).filter(Boolean)).toEqual([]);
  expect(await readExit(run.exitFile)).toBeNull();
  // Neither the guard itself.
  await expect.poll(async () => (await processesOf({ runId: options.runId })).length).toBe(0);
});

it('lets a guarded script end as any other, with nothing of the guard left or logged', async () => {
  const { end, log } = await runText('echo hello; exit 3', { guarded: true });
  expect(end).toEqual({ how: 'exited', exit: 3, signal: null, leftBehind: 0, logFailure: null });
  expect(log).toBe('hello\n');
  expect(await readExit(join(directory, 'run.exit'))).toBe(3);
  const late = await runText(`trap '' TERM; sleep 600`, { guarded: true, timeout: 300 });
  expect(late.end).toMatchObject({ how: 'timed_out', exit: null });
});
