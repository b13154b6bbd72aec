import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, type TestContext, vi } from 'vitest';
import { eventually } from '../support/sandbox-client.ts';
import { BIN, type Installation, install } from '../support/service-process.ts';
import { type SmallDisk, smallDisk } from '../support/small-disk.ts';
import { deliver, deliverAll, linesOf, readiness, replay, signalsPerDelivery, storedKeys } from './send.ts';

vi.setConfig({ testTimeout: 120_000 });

const MEGABYTES = 96;

let installation: Installation;
let disk: SmallDisk | null;
beforeEach(async () => {
  // Nobody answers there: the keys that look by themselves fail, and go on trying.
  installation = await install('http://127.0.0.1:9');
  disk = smallDisk(join(installation.directory, 'data'), MEGABYTES);
});
afterEach(async () => {
  disk?.remove();
  await installation.remove();
});

function mounted(context: TestContext): SmallDisk {
  if (!disk) context.skip();
  return disk!;
}
const keysOf = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}-${n}`);
const isReady = async () => (await readiness(installation)).status === 200;
const hasAll = async (keys: readonly string[]) => {
  const stored = new Set(storedKeys(installation));
  return keys.every(key => stored.has(key));
};
const FULL = { status: 503, retryAfter: '5', code: 'SBX_INTAKE_DISK_FULL' };

/** It looks ten times a second how much room there is: what comes just before may still be taken. Returns the keys of that. */
async function untilRefused(): Promise<string[]> {
  const taken: string[] = [];
  await eventually('deliveries are refused', async () => {
    const key = `just-before-${taken.length}`;
    const { status } = await deliver(installation, key);
    if (status === 200) taken.push(key);
    return status !== 200;
  });
  return taken;
}

it('refuses what it cannot keep while the disk is full, says so, and goes on by itself when there is room', async context => {
  const small = mounted(context);
  const service = await installation.serve();
  const { acknowledged } = await deliverAll(installation, keysOf('before', 20));
  expect(acknowledged).toHaveLength(20);

  small.fill();
  acknowledged.push(...(await untilRefused()));
  const during = await deliverAll(installation, keysOf('during', 20));
  expect(during.acknowledged).toEqual([]);
  for (const refused of during.refused) expect(refused).toEqual(FULL);
  expect(await readiness(installation)).toEqual(FULL);
  // What is acknowledged by the database alone is refused as well, and what only reads is answered.
  expect(await replay(installation)).toEqual({ status: 503, retryAfter: '5', code: 'SBX_DATABASE_FULL' });
  expect((await fetch(`${installation.url}/healthz`)).status).toBe(200);

  small.empty();
  await eventually('it is ready again', isReady);
  expect((await replay(installation)).status).toBe(202);
  const after = await deliverAll(installation, [...keysOf('during', 20), ...keysOf('after', 20)]);
  expect(after.refused).toEqual([]);
  const all = [...acknowledged, ...after.acknowledged];
  await eventually('everything is read', () => hasAll(all));
  await service.stop();
  expect(storedKeys(installation)).toHaveLength(all.length);
  expect(signalsPerDelivery(installation).every(times => times === 1)).toBe(true);

  const lines = linesOf(service.output());
  const [begins, ...others] = lines.filter(({ msg }) => msg === 'deliveries are refused');
  expect(begins).toMatchObject({ code: 'SBX_INTAKE_DISK_FULL', what_to_do: expect.stringContaining('Make room') });
  expect(others).toEqual([]);
  expect(lines.filter(({ msg }) => msg === 'deliveries are taken again')).toHaveLength(1);
});

it('reads what was acknowledged when a flood has filled the disk, without anybody making room', async context => {
  mounted(context);
  const service = await installation.serve();
  const padding = 'x'.repeat(250_000);
  const acknowledged: string[] = [];
  let refusals = 0;
  // Faster than it is read: the log rests while a flood comes in.
  const sender = async (name: string) => {
    for (let n = 0; refusals === 0 && n < 1000; n++) {
      const answer = await deliver(installation, `${name}-${n}`, padding);
      if (answer.status === 200) acknowledged.push(`${name}-${n}`);
      else {
        expect(answer).toEqual(FULL);
        refusals++;
      }
    }
  };
  await Promise.all(keysOf('sender', 8).map(sender));
  expect(refusals).toBeGreaterThan(0);
  await eventually('it is ready again', isReady);
  await eventually('everything is read', () => hasAll(acknowledged));
  expect((await deliver(installation, 'afterwards')).status).toBe(200);
  await service.stop();
  const segments = readdirSync(join(installation.directory, 'data', 'intake')).filter(name => name.endsWith('.log'));
  expect(segments.length).toBeLessThan(5);
});

it('runs on when its log is on the full disk, and refuses to start on it, or on a read-only one, with what to do', async context => {
  const small = mounted(context);
  const stop = await serveInto(join(installation.directory, 'data', 'log'));
  expect((await deliver(installation, 'one')).status).toBe(200);
  small.fill();
  const taken = await untilRefused();
  expect(await deliver(installation, 'two')).toEqual(FULL);
  expect(await readiness(installation)).toEqual(FULL);
  small.empty();
  await eventually('it is ready again', isReady);
  expect((await deliver(installation, 'two')).status).toBe(200);
  await stop();
  expect(new Set(storedKeys(installation))).toEqual(new Set(['one', ...taken, 'two']));

  const refusal = async () => {
    const refused = await installation.serve();
    expect(await refused.ended, refused.output()).toBe(1);
    return refused.output();
  };
  small.fill();
  expect(await refusal()).toMatch(/^SBX_(DATABASE_FULL|DATABASE_UNWRITABLE|DATA_DIRECTORY_UNUSABLE): (.*\n)+.*disk/m);
  small.empty();
  small.readOnly(true);
  expect(await refusal()).toMatch(/^SBX_(DATABASE_UNWRITABLE|DATA_DIRECTORY_UNUSABLE): (.*\n)+.*(read-only|writable)/m);
  small.readOnly(false);
  const next = await installation.serve();
  expect((await deliver(installation, 'three')).status).toBe(200);
  await next.stop();
  expect(storedKeys(installation)).toHaveLength(taken.length + 3);
});

/** Starts the service with its log in a file, as a shell would; returns what stops it. */
async function serveInto(file: string): Promise<() => Promise<void>> {
  const command = ['-c', `exec "$0" "$1" serve --config "$2" 2>"$3"`, process.execPath, BIN, installation.configFile];
  const child = spawn('sh', [...command, file], { stdio: 'ignore' });
  process.once('exit', () => child.kill('SIGKILL'));
  const ended = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)));
  await eventually('it is ready', () => isReady().catch(() => false));
  return async () => {
    child.kill('SIGTERM');
    expect(await ended, readFileSync(file, 'utf8')).toBe(0);
  };
}
