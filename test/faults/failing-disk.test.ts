import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { eventually } from '../support/sandbox-client.ts';
import { type Installation, install } from '../support/service-process.ts';
import { type FaultyDisk, faultyDisk } from './faulty-disk.ts';
import { deliverAll, linesOf, readiness, replay, signalsPerDelivery, storedKeys } from './send.ts';

vi.setConfig({ testTimeout: 120_000 });

let disk: FaultyDisk;
let installation: Installation;
beforeAll(() => {
  disk = faultyDisk();
});
beforeEach(async () => {
  installation = await install('http://127.0.0.1:9');
});
afterEach(async () => {
  disk.set();
  await installation.remove();
});
afterAll(() => disk.remove());

const serve = () => installation.serve(disk.environment);
const keysOf = (name: string, count = 12) => Array.from({ length: count }, (_, n) => `${name}-${n}`);
const isReady = async () => (await readiness(installation)).status === 200;
const hasAll = async (keys: readonly string[]) => {
  const stored = new Set(storedKeys(installation));
  return keys.every(key => stored.has(key));
};
const says = (code: string) => ({ status: 503, retryAfter: '5', code });

it('acknowledges nothing that the disk does not say it has, and has all that it acknowledged after kill -9', async () => {
  const service = await serve();
  const acknowledged: string[] = [];
  // As a failing disk does it: nothing of it is written, all of it is and may be gone, half of it is; then a read-only one.
  for (const rule of ['write EIO', 'written EIO', 'half EIO', 'write EROFS', 'sync EIO']) {
    acknowledged.push(...(await deliverAll(installation, keysOf(`before ${rule}`))).acknowledged);
    disk.set(`${rule} /intake/`);
    const during = await deliverAll(installation, keysOf(`during ${rule}`));
    // A new segment needs its name on disk, too; the one that is open needs no fsync.
    if (rule !== 'sync EIO') {
      expect(during.acknowledged).toEqual([]);
      for (const refused of during.refused) expect(refused).toEqual(says('SBX_INTAKE_NOT_STORED'));
      expect(await readiness(installation)).toEqual(says('SBX_INTAKE_NOT_STORED'));
    }
    acknowledged.push(...during.acknowledged);
    disk.set();
    await eventually('it is ready again', isReady);
  }
  acknowledged.push(...(await deliverAll(installation, keysOf('last'))).acknowledged);
  expect(acknowledged.length).toBeGreaterThanOrEqual(6 * 12);
  service.child.kill('SIGKILL');
  await service.ended;

  const next = await serve();
  await eventually('everything is read', () => hasAll(acknowledged));
  await next.stop();
  expect(new Set(storedKeys(installation)).size).toBe(storedKeys(installation).length);
  expect(signalsPerDelivery(installation).every(times => times === 1)).toBe(true);
  const told = linesOf(service.output()).filter(({ msg }) => msg === 'deliveries are refused');
  expect(told).toHaveLength(4);
  for (const line of told) expect(line).toMatchObject({ what_to_do: expect.stringContaining('dmesg') });
});

it('believes no fsync of the database that failed, goes on when one succeeds, and loses nothing by kill -9 meanwhile', async () => {
  const service = await serve();
  const first = (await deliverAll(installation, keysOf('first'))).acknowledged;
  await eventually('everything is read', () => hasAll(first));

  disk.set('sync EIO signalbox.db');
  // These are acknowledged by the intake log, whose writes reach the disk; they wait there.
  const waiting = (await deliverAll(installation, keysOf('waiting'))).acknowledged;
  expect(waiting).toHaveLength(12);
  const refusal = says('SBX_DATABASE_UNWRITABLE');
  await eventually('it says that it is not well', async () => (await readiness(installation)).status === 503);
  expect(await readiness(installation)).toEqual(refusal);
  expect(await replay(installation)).toEqual(refusal);
  disk.set();
  await eventually('it is ready again', isReady);
  await eventually('everything is read', () => hasAll(waiting));
  expect((await replay(installation)).status).toBe(202);

  disk.set('sync EIO signalbox.db');
  const left = (await deliverAll(installation, keysOf('left'))).acknowledged;
  await eventually('it says that it is not well', async () => (await readiness(installation)).status === 503);
  service.child.kill('SIGKILL');
  await service.ended;
  const lines = linesOf(service.output()).filter(({ code }) => code === 'SBX_DATABASE_UNWRITABLE');
  expect(lines[0]).toMatchObject({ msg: expect.any(String), what_to_do: expect.stringContaining('dmesg') });
  // Once for each outage and each thing that it stops, however often it was tried.
  expect(lines.length).toBeLessThan(12);

  const refused = await serve();
  expect(await refused.ended, refused.output()).toBe(1);
  expect(refused.output()).toMatch(/^SBX_DATABASE_UNWRITABLE: .*\n.*\n.*dmesg/m);
  disk.set();
  const next = await serve();
  // The kernel may say of a page of the log whose fsync had failed that it is on disk: so all is in the database without the log.
  expect(await withoutLog()).toEqual(expect.arrayContaining([...first, ...waiting]));
  await eventually('everything is read', () => hasAll([...first, ...waiting, ...left]));
  await next.stop();
  expect(new Set(storedKeys(installation)).size).toBe(storedKeys(installation).length);
  expect(signalsPerDelivery(installation).every(times => times === 1)).toBe(true);
});

/** What the database file alone holds. */
async function withoutLog(): Promise<string[]> {
  const copy = join(installation.directory, 'copy.db');
  await copyFile(join(installation.directory, 'data', 'signalbox.db'), copy);
  const database = new DatabaseSync(copy);
  const rows = database.prepare('select dedupe_key from deliveries').all() as { dedupe_key: string }[];
  database.close();
  return rows.map(row => row.dedupe_key);
}

it('goes on by itself after a disk that could not be read, or could only be read', async () => {
  const service = await serve();
  const acknowledged: string[] = [];
  for (const [rule, code] of [
    ['read EIO /intake/', 'SBX_INTAKE_UNREADABLE'],
    ['open EMFILE /intake/', undefined],
    ['write EROFS signalbox.db', 'SBX_DATABASE_UNWRITABLE'],
  ] as const) {
    disk.set(rule);
    acknowledged.push(...(await deliverAll(installation, keysOf(rule))).acknowledged);
    await eventually('it says that it is not well', async () => (await readiness(installation)).status === 503);
    if (code) expect(await readiness(installation)).toEqual(says(code));
    disk.set();
    await eventually('it is ready again', isReady);
  }
  expect(acknowledged.length).toBeGreaterThan(12);
  await eventually('everything is read', () => hasAll(acknowledged));
  await service.stop();
  expect(new Set(storedKeys(installation)).size).toBe(storedKeys(installation).length);
});

it('refuses to start with a database that it cannot read or write, with what to do', async () => {
  await (await serve()).stop();
  for (const rule of ['write EROFS signalbox.db', 'read EIO signalbox.db']) {
    disk.set(rule);
    const refused = await serve();
    expect(await refused.ended, `${rule}: ${refused.output()}`).toBe(1);
    expect(refused.output(), rule).toMatch(/^SBX_DATABASE_UNWRITABLE: .*\n.*\n.*start the service again/m);
  }
  disk.set();
  await (await serve()).stop();
});
