import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { builtProgram } from '../support/program.ts';

const BIN = await builtProgram();
const taken = createServer();
let port: string;
let directory: string;
/** Of the programs that are started, to see what they leave. */
let temporary: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-start-'));
  temporary = join(directory, 'tmp');
  await mkdir(temporary);
  await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve));
  port = String((taken.address() as AddressInfo).port);
});
afterAll(async () => {
  taken.close();
  await rm(directory, { recursive: true, force: true });
});

/** A program that does not end is killed, and has no exit code then. */
async function signalbox(args: readonly string[], environment: Record<string, string> = {}) {
  const env = { PATH: process.env['PATH'], TMPDIR: temporary, ...environment };
  const run = promisify(execFile)(process.execPath, [BIN, ...args], { env, timeout: 30_000, killSignal: 'SIGKILL' });
  const ended = await run.catch((error: { code: number | null; stderr: string }) => error);
  return { code: 'code' in ended ? ended.code : 0, err: ended.stderr };
}

async function serve(name: string, listen: string, environment?: Record<string, string>) {
  const file = join(directory, `${name}.yaml`);
  await writeFile(file, `service: { listen: "${listen}", data_dir: ${directory}/${name} }\n`);
  return await signalbox(['serve', '--config', file], environment);
}

it.each([
  ['an address that is taken', () => serve('taken', `127.0.0.1:${port}`), 1, 'SBX_ADDRESS_IN_USE'],
  ['an address of another machine', () => serve('other', '192.0.2.1:8080'), 1, 'SBX_ADDRESS_UNUSABLE'],
  [
    'a log level that does not exist',
    () => serve('loud', '127.0.0.1:0', { SIGNALBOX_LOG_LEVEL: 'loud' }),
    2,
    'SBX_CONFIG_INVALID',
  ],
])('serve says what it is and ends: %s', { timeout: 60_000 }, async (_what, run, code, expected) => {
  const ended = await run();
  expect(ended).toEqual({ code, err: expect.stringContaining(`${expected}: `) as string });
  expect(ended.err).not.toContain('SBX_INTERNAL');
});

it.each([
  ['demo, its port', () => ['demo', '--once', '--port', port], 1, 'SBX_ADDRESS_IN_USE'],
  [
    'sandbox, GitLab’s port',
    () => ['sandbox', '--gitlab-port', port, '--freshdesk-port', '0'],
    1,
    'SBX_ADDRESS_IN_USE',
  ],
  [
    'sandbox, Freshdesk’s port',
    () => ['sandbox', '--gitlab-port', '0', '--freshdesk-port', port],
    1,
    'SBX_ADDRESS_IN_USE',
  ],
  [
    'sandbox, its directory',
    () => ['sandbox', '--gitlab-port', '0', '--freshdesk-port', '0', '--git-dir', '/dev/null/git'],
    2,
    'SBX_USAGE',
  ],
])('ends with its error and leaves nothing: %s', { timeout: 60_000 }, async (_what, args, code, expected) => {
  const ended = await signalbox(args());
  expect(ended).toEqual({ code, err: expect.stringContaining(`${expected}: `) as string });
  expect(ended.err).toContain(expected === 'SBX_USAGE' ? '--git-dir /dev/null/git' : `127.0.0.1:${port}`);
  expect((await readdir(temporary)).filter(name => name.startsWith('signalbox-'))).toEqual([]);
});
