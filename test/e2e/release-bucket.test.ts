import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type S3Server, startS3 } from '../s3/start-s3.ts';
import { freePort } from '../support/free-port.ts';
import { type ServeProcess, serve } from '../support/service-process.ts';
import {
  type Answer,
  askService,
  sha256,
  tgz,
  until,
  uploadHeaders,
  VIEWER,
  writeReleaseConfig,
} from './release-upload-stage.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let s3: S3Server;
let directory: string;
let port: number;
let config: string;
let running: ServeProcess | undefined;

beforeEach(async () => {
  s3 = await startS3();
  directory = await mkdtemp(join(tmpdir(), 'signalbox-release-bucket-'));
  port = await freePort();
  await writeFile(join(directory, 'access'), s3.keys.accessKey, { mode: 0o600 });
  await writeFile(join(directory, 's3-secret'), s3.keys.secretKey, { mode: 0o600 });
  const keys = 'access_key: { file: access }, secret_key: { file: s3-secret }';
  const service = `artifacts: { s3: { endpoint: "${s3.endpoint}", bucket: ${s3.bucket}, ${keys} } }`;
  config = await writeReleaseConfig(directory, { service }, `127.0.0.1:${port}`);
});
afterEach(async () => {
  await running?.stop();
  await s3.close();
  await rm(directory, { recursive: true, force: true });
});

const start = async (environment: Record<string, string> = {}) => {
  running = await serve(config, `http://127.0.0.1:${port}`, environment);
  return running;
};
const put = (body: Buffer, version = '5.4.1'): Promise<Answer | null> =>
  askService(port, 'PUT', `/v1/releases/appliance/${version}`, { body, headers: uploadHeaders(body) }).catch(
    () => null,
  );
const show = (version = '5.4.1') =>
  askService(port, 'GET', `/v1/releases/appliance/${version}`, { headers: { authorization: `Bearer ${VIEWER}` } });
const isReleased = (version = '5.4.1') =>
  until('it is released', async () => (await show(version)).body['state'] === 'released');
const ran = async () => (await readFile(join(directory, 'ran'), 'utf8')).trim().split('\n');
const inBucket = (name: string) => [...s3.objects.all.keys()].filter(key => basename(key) === name);

it.each([
  ['release:copied', false],
  ['release:published', true],
])('a process that is killed at %s leaves a whole release or none', async (point, visible) => {
  const body = tgz(1_500_000);
  const doomed = await start({ SIGNALBOX_CRASH_AT: point });
  expect(await put(body)).toBeNull();
  expect(await doomed.ended).toBe('SIGKILL');
  expect(inBucket('appliance-5.4.1.tgz')).toHaveLength(1);
  // As on another machine: what is not in the bucket is lost. And the first look finds no bucket that sends it whole.
  await rm(join(directory, 'data/releases'), { recursive: true });
  if (visible) s3.faults.push({ match: /^GET .*\.tgz/, does: 'cut', times: 5 });

  await start();
  expect((await show()).status).toBe(visible ? 200 : 404);
  expect((await put(body))?.status).toBe(visible ? 200 : 202);
  await isReleased();
  expect(s3.faults).toEqual([]);
  expect(await ran()).toEqual(['5.4.1 1']);
  const file = join(directory, 'data/releases/appliance/5.4.1/appliance-5.4.1.tgz');
  expect(sha256(await readFile(file))).toBe(sha256(body));
  expect(inBucket('release.json')).toHaveLength(1);
});

it('answers 503 while the bucket is away and keeps nothing of it, and takes lost answers for what they were', async () => {
  await start();
  const body = tgz(100_000);
  s3.faults.push({ match: /^(PUT|HEAD) /, does: { status: 503, code: 'SlowDown' }, times: 8 });
  const refused = await put(body);
  expect(refused).toMatchObject({ status: 503, body: { code: 'SBX_ARTIFACTS_UNREACHABLE' } });
  expect(refused?.headers['retry-after']).toBe('10');
  expect(refused?.text).not.toContain(s3.keys.accessKey);
  expect((await show()).status).toBe(404);
  expect(await readdir(join(directory, 'data/releases/.staging'), { recursive: true })).not.toContain(
    'appliance-5.4.1.tgz',
  );
  s3.faults.splice(0);
  s3.faults.push(
    { match: /^PUT .*\.tgz/, does: 'reset after' },
    { match: /^PUT .*release\.json/, does: 'reset after' },
  );
  expect((await put(body))?.status).toBe(202);
  await isReleased();
  expect(s3.faults).toEqual([]);
  expect(inBucket('appliance-5.4.1.tgz')).toHaveLength(1);
  expect((await put(tgz(100_000)))?.status).toBe(409);
  expect(running?.output()).not.toContain(s3.keys.secretKey);
  expect(running?.output()).not.toContain('AWS4-HMAC');
});
