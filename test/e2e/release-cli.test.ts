import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { ReleaseView } from '../../src/automations/release/view.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { type Service, startService } from '../../src/service/compose.ts';
import { builtProgram } from '../support/program.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const BIN = await builtProgram();
const HANG = { timeout: 60_000, interval: 20 };
const SECRET = 'a-secret-of-the-build-server';

let directory: string;
let service: Service;
const at = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-release-'));
  await writeFile(at('secret'), SECRET, { mode: 0o600 });
  await writeFile(
    at('release.sh'),
    '#!/bin/sh\n. "$2"\necho "to $RELEASE_ENVIRONMENT"\nwhile [ -e "$(dirname "$0")/hold" ]; do sleep 0.05; done\ntest "$RELEASE_META_NOTES" != fail\n',
  );
  await chmod(at('release.sh'), 0o755);
  await writeFile(
    at('signalbox.yaml'),
    `service: { listen: "127.0.0.1:0", data_dir: ${directory}/data }
releases:
  products:
    appliance:
      credentials: [ { name: ci, secret: { file: ${directory}/secret } } ]
      metadata: { version: required, line: required, environment: required, notes: optional }
      script: ${directory}/release.sh
`,
  );
  const { settings } = await loadConfig(at('signalbox.yaml'), { environment: {} });
  service = await startService({ settings, environment: {}, writeLog: () => undefined });
});
afterAll(async () => {
  await service.stop();
  await rm(directory, { recursive: true, force: true });
});

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command as a pipeline does: with the secret in a file, and the address in the environment. */
function signalbox(
  args: readonly string[],
  environment: Record<string, string> = { SIGNALBOX_URL: service.url },
): Promise<Ended> {
  return new Promise(resolve => {
    const env = { PATH: process.env['PATH'] ?? '', ...environment };
    execFile(process.execPath, [BIN, 'release', ...args], { env, cwd: directory }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

const named = (version: string) => ['--product', 'appliance', '--version', version, '--line', '5.4'];
const push = (file: string, version: string, ...more: string[]) => [
  'push',
  at(file),
  ...named(version),
  '--environment',
  'development',
  '--token-file',
  at('secret'),
  ...more,
];
const local = {};

async function artifact(name: string, bytes: number): Promise<void> {
  await writeFile(at(name), gzipSync(randomBytes(bytes), { level: 0 }));
}

it('sends a release, shows its script and ends with its fate', async () => {
  await artifact('a.tgz', 1000);
  const good = await signalbox(push('a.tgz', '5.4.1'));
  expect([good.code, good.stdout]).toEqual([
    0,
    expect.stringMatching(/^to development\n#1 development released exit 0 /),
  ]);
  const again = await signalbox(push('a.tgz', '5.4.1'));
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('is there already')]);
  const bad = await signalbox(push('a.tgz', '5.4.2', '--field', 'notes=fail', '--json'));
  expect([bad.code, (JSON.parse(bad.stdout) as ReleaseView).state]).toEqual([1, 'failed']);
  expect(bad.stderr).toMatch(
    /^SBX_RELEASE_FAILED: .*\n {2}appliance 5\.4\.2 in development: the script ended with 1\n.*signalbox release log/,
  );
});

it('refuses other bytes under the same version before it sends them', async () => {
  await artifact('b.tgz', 1000);
  const other = await signalbox(push('b.tgz', '5.4.1'));
  expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('SBX_RELEASE_VERSION_EXISTS')]);
});

it('refuses an empty file before it asks anybody', async () => {
  await writeFile(at('empty.tgz'), '');
  const empty = await signalbox(push('empty.tgz', '5.4.1'), { SIGNALBOX_URL: 'http://127.0.0.1:9' });
  expect([empty.code, empty.stderr]).toEqual([
    1,
    expect.stringMatching(/SBX_RELEASE_NOT_A_TGZ[\s\S]*empty\.tgz is empty/),
  ]);
});

it('says of all metadata what is wrong, at the beginning of the pipeline', async () => {
  const asked = await signalbox(['preflight', ...named('5.x'), '--field', 'colour=red', '--token-file', at('secret')]);
  expect(asked.code).toBe(1);
  for (const part of ['SBX_RELEASE_METADATA_INVALID', '/version', '/environment', '/colour']) {
    expect(asked.stderr).toContain(part);
  }
  const fine = await signalbox([
    'preflight',
    ...named('5.4.3'),
    '--environment',
    'production',
    '--token-file',
    at('secret'),
  ]);
  expect([fine.code, fine.stdout]).toEqual([0, 'appliance 5.4.3 would be taken\n']);
});

it.each([
  [['push'], 2],
  [['push', 'missing.tgz', '--product', 'appliance', '--version', '1.0', '--token-file', 'secret'], 2],
  [['list', '--service', 'no address', '--token-file', 'secret'], 2],
  [['list', '--token-file', 'missing'], 2],
  [['show', 'appliance', '9.9.9', '--token-file', 'secret'], 1],
])('ends %j with %i', async (args, code) => {
  expect((await signalbox(args)).code).toBe(code);
});

it.each([[[]], [['--channels']]])('knows no releases of a product that there is not: %j', async more => {
  const asked = await signalbox(['list', '--product', 'nope', ...more, '-c', at('signalbox.yaml')], local);
  expect([asked.code, asked.stderr]).toEqual([1, expect.stringMatching(/^SBX_PRODUCT_NOT_CONFIGURED: [\s\S]*nope/)]);
});

it('goes on where a broken connection has left off', async () => {
  await artifact('large.tgz', 24 * 1024 * 1024);
  const size = (await readFile(at('large.tgz'))).length;
  const line = await cutLine(new URL(service.url).port, [8 * 1024 * 1024, 6 * 1024 * 1024]);
  const sent = await signalbox(push('large.tgz', '5.4.4'), { SIGNALBOX_URL: line.url });
  line.close();
  expect([sent.code, sent.stderr]).toEqual([0, '']);
  expect(line.cuts()).toBe(2);
  // What was on its way when the line was cut is sent again, and no more.
  expect(line.carried()).toBeLessThan(size * 1.5);
  const shown = await signalbox(['show', 'appliance', '5.4.4', '--json', '-c', at('signalbox.yaml')], local);
  expect(JSON.parse(shown.stdout)).toMatchObject({ state: 'released', size });
});

it('says once that it waits for a service that is away for long, and goes on when it is back', async () => {
  await artifact('waiting.tgz', 5 * 1024 * 1024);
  await writeFile(at('hold'), '');
  const line = await cutLine(new URL(service.url).port, [2 * 1024 * 1024]);
  const env = { PATH: process.env['PATH'] ?? '', SIGNALBOX_URL: line.url };
  const command = spawn(process.execPath, [BIN, 'release', ...push('waiting.tgz', '5.4.3')], { env });
  const said = { stdout: '', stderr: '' };
  command.stdout.on('data', chunk => (said.stdout += String(chunk)));
  command.stderr.on('data', chunk => (said.stderr += String(chunk)));
  const ended = once(command, 'close');
  const notice = `${line.url} does not answer; waiting for it\n`;
  // Once while it sends, once while it waits for the script.
  await vi.waitUntil(() => line.cuts() === 1, HANG);
  line.away();
  await vi.waitUntil(() => said.stderr === notice, HANG);
  await line.back();
  await vi.waitUntil(() => said.stdout === 'to development\n', HANG);
  line.away();
  await vi.waitUntil(() => said.stderr === notice + notice, HANG);
  await rm(at('hold'));
  await line.back();
  expect([await ended, said.stderr]).toEqual([[0, null], notice + notice]);
  line.close();
});

it('lets the person at the service promote, roll back and withdraw', async () => {
  const here = ['-c', at('signalbox.yaml')];
  await signalbox(push('b.tgz', '5.4.5'));
  const promoted = await signalbox(['promote', 'appliance', '5.4.5', '--environment', 'production', ...here], local);
  expect([promoted.code, promoted.stdout]).toEqual([
    0,
    expect.stringMatching(/^to production\n#2 production released/),
  ]);
  const sentAgain = await signalbox(push('b.tgz', '5.4.5'));
  expect([sentAgain.code, sentAgain.stdout]).toEqual([0, expect.stringMatching(/#1 development released/)]);
  await signalbox(['promote', 'appliance', '5.4.4', '--environment', 'production', ...here], local);
  const heads = async () => {
    const { stdout } = await signalbox(['list', '--channels', '--json', ...here], local);
    const { channels } = JSON.parse(stdout) as { channels: { environment: string; head: string | null }[] };
    return Object.fromEntries(channels.map(channel => [channel.environment, channel.head]));
  };
  expect(await heads()).toEqual({ development: '5.4.5', production: '5.4.5' });
  const back = await signalbox(['rollback', 'appliance', '5.4.4', '--environment', 'production', ...here], local);
  expect(back.code).toBe(0);
  expect(await heads()).toEqual({ development: '5.4.5', production: '5.4.4' });
  const noReason = await signalbox(['yank', 'appliance', '5.4.5', ...here], local);
  expect([noReason.code, noReason.stderr]).toEqual([2, expect.stringMatching(/^SBX_USAGE: [\s\S]*--why/)]);
  await signalbox(['yank', 'appliance', '5.4.5', '--why', 'loses data', ...here], local);
  expect(await heads()).toEqual({ development: '5.4.4', production: '5.4.4' });
  const withdrawn = await signalbox(push('b.tgz', '5.4.5'));
  expect([withdrawn.code, withdrawn.stderr]).toEqual([1, expect.stringContaining('SBX_RELEASE_YANKED')]);
});

it('does not wait for a script that will not run', async () => {
  const { settings } = await loadConfig(at('signalbox.yaml'), { environment: {} });
  settings.service.data_dir = at('dry');
  const dry = await startService({ settings, environment: {}, writeLog: () => undefined, dryRun: true });
  try {
    await artifact('dry.tgz', 1000);
    const sent = await signalbox(push('dry.tgz', '5.4.1'), { SIGNALBOX_URL: dry.url });
    expect([sent.code, sent.stderr]).toEqual([
      1,
      expect.stringMatching(/^SBX_RELEASE_DRY_RUN: [\s\S]*5\.4\.1 is queued/),
    ]);
    const other = await signalbox(push('dry.tgz', '5.4.2', '--no-wait'), { SIGNALBOX_URL: dry.url });
    expect([other.code, other.stdout]).toEqual([0, 'appliance 5.4.2: queued\n']);
  } finally {
    await dry.stop();
  }
});

it('lets nobody steer with the secret of a build server', async () => {
  const asked = await signalbox(['yank', 'appliance', '5.4.1', '--why', 'x', '--token-file', at('secret')]);
  expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining('SBX_NOT_SIGNED_IN')]);
});

interface CutLine {
  url: string;
  carried: () => number;
  cuts: () => number;
  /** Cuts all connections and takes no more. */
  away: () => void;
  back: () => Promise<void>;
  close: () => void;
}

/** A connection to the service that breaks after so many bytes, once for each number. */
async function cutLine(port: string, after: number[]): Promise<CutLine> {
  let carried = 0;
  let cuts = 0;
  const left = [...after];
  const open = new Set<Socket>();
  const server: Server = createServer(client => {
    const upstream = connect(Number(port), '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
    }
    let here = 0;
    client.on('data', chunk => {
      carried += chunk.length;
      here += chunk.length;
      upstream.write(chunk);
      if (left[0] === undefined || here < left[0]) return;
      left.shift();
      cuts++;
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    });
    upstream.on('data', chunk => client.write(chunk));
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    carried: () => carried,
    cuts: () => cuts,
    away: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
    back: () => new Promise(resolve => server.listen(address.port, '127.0.0.1', resolve)),
    close: () => server.close(),
  };
}
