import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readProcesses } from '../../src/automations/release/run/process-table.ts';
import type { ReleaseView } from '../../src/automations/release/view.ts';
import { builtProgram } from '../support/program.ts';
import { eventually } from '../support/sandbox-client.ts';
import { type Installation, install, type ServeProcess } from '../support/service-process.ts';

vi.setConfig({ testTimeout: 120_000 });

const BIN = await builtProgram();
const SECRET = 'a-secret-of-the-build-server';
const ARTIFACT = gzipSync('the bytes of a release');

let installation: Installation;
beforeEach(async () => {
  installation = await install(
    '',
    directory => `releases:
  products:
    appliance:
      credentials: [ { name: ci, secret: { file: ${directory}/token } } ]
      metadata: { version: required, line: required, environment: required }
      script: ${directory}/release.sh
      grace: 1s
      retention: { releases: 1 }
`,
  );
  await writeFile(at('token'), SECRET, { mode: 0o600 });
});
afterEach(() => installation.remove());

const at = (name: string) => join(installation.directory, name);
const exists = async (name: string) => ((await stat(at(name)).catch(() => null))?.size ?? 0) > 0;

async function script(text: string): Promise<void> {
  await writeFile(at('release.sh'), `#!/bin/sh\ncd ${installation.directory}\n${text}\n`);
  await chmod(at('release.sh'), 0o755);
}

async function upload(version: string): Promise<number> {
  const answer = await fetch(`${installation.url}/v1/releases/appliance/${version}`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${SECRET}`,
      'x-release-line': '5.4',
      'x-release-environment': 'development',
      'x-checksum-sha256': createHash('sha256').update(ARTIFACT).digest('hex'),
    },
    body: ARTIFACT,
  });
  await answer.text();
  return answer.status;
}

async function release(version: string): Promise<ReleaseView> {
  const answer = await fetch(`${installation.url}/v1/releases/appliance/${version}`, {
    headers: { authorization: `Bearer ${SECRET}` },
  });
  return (await answer.json()) as ReleaseView;
}

async function lookAt(version: string): Promise<number> {
  const headers = { authorization: `Bearer ${SECRET}` };
  return (await fetch(`${installation.url}/v1/releases/appliance/${version}`, { headers })).status;
}

async function untilReleased(version: string): Promise<ReleaseView> {
  await eventually(`${version} is released`, async () => (await release(version)).state === 'released');
  return release(version);
}

async function offered(): Promise<string | null> {
  const text = await readFile(at('data/public/appliance/channels/5.4/development.json'), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as { version: string }).version;
}

async function afterCrash(crashAt: string, during: () => Promise<unknown>): Promise<ServeProcess> {
  const first = await installation.serve({ SIGNALBOX_CRASH_AT: crashAt });
  await during();
  expect(await first.ended).toBe('SIGKILL');
  return installation.serve();
}

it.each([
  // Before the script has begun: nothing happened, and it runs once more.
  ['release:started', ['interrupted', 'released'], 1],
  // It had ended by itself: that is known, and it does not run again.
  ['release:ended', ['released'], 1],
  ['release:settled', ['released'], 1],
])('comes to one release and one run of the script after kill -9 at %s', async (point, states, runs) => {
  await script('echo run >> runs');
  const second = await afterCrash(point, () => upload('5.4.1'));
  const done = await untilReleased('5.4.1');
  expect(done.runs.map(run => run.state)).toEqual(states);
  expect((await readFile(at('runs'), 'utf8')).split('\n')).toHaveLength(runs + 1);
  await eventually('it is on offer', async () => (await offered()) === '5.4.1');
  await second.stop();
});

it('kills what a killed service has left running before it runs the script again', async () => {
  await script('echo run >> runs; test -e go || { echo $$ > pid; sleep 600; }; echo end >> runs');
  const first = await installation.serve();
  await upload('5.4.1');
  await eventually('the script runs', () => exists('pid'));
  const pid = Number(await readFile(at('pid'), 'utf8'));
  first.child.kill('SIGKILL');
  await first.ended;
  expect(() => process.kill(pid, 0)).not.toThrow();
  await writeFile(at('go'), '');
  const second = await installation.serve();
  const done = await untilReleased('5.4.1');
  // Not by a signal: what nobody has buried yet would still answer to it.
  expect((await readProcesses()).map(entry => entry.pid)).not.toContain(pid);
  expect(done.runs.map(run => [run.attempt, run.state])).toEqual([
    [1, 'interrupted'],
    [2, 'released'],
  ]);
  expect(await readFile(at('runs'), 'utf8')).toBe('run\nrun\nend\n');
  await second.stop();
});

it('ends a script that runs when the service is asked to stop, begins no other, and runs it again afterwards', async () => {
  await script(
    'echo hello; echo "run $RELEASE_VERSION" >> runs; trap "echo told >> runs; exit 1" TERM; test -e go && exit 0; echo yes > begun; sleep 600 & wait',
  );
  const first = await installation.serve();
  await upload('5.4.1');
  await eventually('the script runs', () => exists('begun'));
  await upload('5.4.2');
  // Somebody who follows the log does not keep the service from stopping.
  const headers = { authorization: `Bearer ${SECRET}` };
  const log = await fetch(`${installation.url}/v1/releases/appliance/5.4.1/log?follow=true`, { headers });
  const followed = log.text().catch(() => '');
  await writeFile(at('go'), '');
  await first.stop();
  await followed;
  expect(await readFile(at('runs'), 'utf8')).toBe('run 5.4.1\ntold\n');
  const second = await installation.serve();
  expect((await untilReleased('5.4.1')).runs.map(run => run.state)).toEqual(['interrupted', 'released']);
  expect((await untilReleased('5.4.2')).runs.map(run => run.state)).toEqual(['released']);
  await second.stop();
});

it('removes whole releases or none when it is killed while it clears up', async () => {
  await script('true');
  const first = await installation.serve();
  for (const version of ['5.4.1', '5.4.2', '5.4.3']) {
    expect(await upload(version)).toBe(202);
    await untilReleased(version);
  }
  await first.stop();
  const second = await afterCrash('release:removing', async () => undefined);
  await eventually('the oldest is gone', async () => (await lookAt('5.4.1')) === 404);
  for (const version of ['5.4.2', '5.4.3']) {
    expect((await release(version)).state).toBe('released');
    expect(await exists(`data/releases/appliance/${version}/appliance-${version}.tgz`)).toBe(true);
  }
  expect(await readdir(at('data/releases/appliance'))).toEqual(['5.4.2', '5.4.3']);
  await eventually('nothing of it is left', async () => !(await readdir(at('data/releases'))).includes('.removed'));
  expect(await offered()).toBe('5.4.3');
  await second.stop();
});

it('lets whoever waits at the command line learn the fate through a kill and a new start', async () => {
  await script('echo begun > begun; until [ -s go ]; do sleep 0.05; done; echo the end');
  const first = await installation.serve();
  await writeFile(at('appliance.tgz'), ARTIFACT);
  const waiting = run('push', at('appliance.tgz'), ...NAMED);
  await eventually('the script runs', () => exists('begun'));
  first.child.kill('SIGKILL');
  await first.ended;
  await writeFile(at('go'), 'yes');
  const second = await installation.serve();
  const { code, stdout } = await waiting;
  // Killed by the new service before it could end, or ended before: both are known for what they are, and end the same.
  expect([code, stdout]).toEqual([0, expect.stringMatching(/the end\n(.*\n)?#[12] development released exit 0/)]);
  await second.stop();
});

it('lets who waits on the machine of the service learn the fate, too, where each start has another token', async () => {
  await script('true');
  const first = await installation.serve();
  await upload('5.4.1');
  await untilReleased('5.4.1');
  await script('echo begun | tee begun; until [ -s go ]; do sleep 0.05; done; echo the end');
  const promoting = here('promote', 'appliance', '5.4.1', '--environment', 'production');
  await eventually('the promotion is shown', async () => promoting.shown().includes('begun'));
  const following = here('log', 'appliance', '5.4.1', '--follow');
  await eventually('the log is shown', async () => following.shown().includes('begun'));
  first.child.kill('SIGKILL');
  await first.ended;
  // Where the killed one has left its address, too.
  expect(await here('list').ended).toEqual({ code: 1, stdout: expect.stringContaining('SBX_SERVICE_NOT_RUNNING') });
  await writeFile(at('go'), 'yes');
  const second = await installation.serve();
  for (const { ended } of [promoting, following]) {
    const { code, stdout } = await ended;
    expect([code, stdout]).toEqual([0, expect.stringMatching(/the end\n(.*\n)?#[23] production released exit 0/)]);
  }
  await second.stop();
});

const NAMED = ['--product', 'appliance', '--version', '5.4.1', '--line', '5.4', '--environment', 'development'];

interface Run {
  ended: Promise<{ code: number; stdout: string }>;
  shown: () => string;
}

function run(...args: string[]): Run['ended'] {
  return start(args, { SIGNALBOX_URL: installation.url, SIGNALBOX_TOKEN: SECRET }).ended;
}

/** Without a credential, as a person at the service's machine. */
function here(...args: string[]): Run {
  return start([...args, '--config', installation.configFile], {});
}

function start(args: readonly string[], environment: Record<string, string>): Run {
  const env = { PATH: process.env['PATH'] ?? '', ...environment };
  let shown = '';
  const ended: Run['ended'] = new Promise(resolve => {
    const child = execFile(process.execPath, [BIN, 'release', ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout: stdout + stderr });
    });
    child.stdout?.on('data', (chunk: string) => {
      shown += chunk;
    });
  });
  return { ended, shown: () => shown };
}
