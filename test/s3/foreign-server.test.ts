import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bucket } from '../../src/automations/release/store/bucket.ts';
import { openBucket } from '../../src/storage/s3/open-bucket.ts';
import { type ForeignS3, startForeignS3 } from './start-foreign-s3.ts';

let server: ForeignS3;
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-foreign-'));
  server = await startForeignS3(true);
});
afterEach(async () => {
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

function open(secretKey = server.keys.secretKey): Bucket {
  const { endpoint, bucket, keys } = server;
  return openBucket({ endpoint, region: 'us-east-1', bucket, prefix: 'p/', pathStyle: true, ...keys, secretKey });
}

it('is understood, signatures included, by a server that others have written', async () => {
  const bucket = open();
  for (const length of [1000, 17 * 1024 * 1024]) {
    const bytes = randomBytes(length);
    const file = join(directory, 'artifact.tgz');
    await writeFile(file, bytes);
    const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex');
    const facts = { size: length, sha256: digest('sha256') };
    const key = `releases/appliance/5.4.1-rc.1/${length}/appliance-5.4.1-rc.1.tgz`;
    await bucket.putFile(key, file, { ...facts, md5: digest('md5') });
    expect(await bucket.head(key)).toEqual(facts);
    expect(await bucket.fetch(key, join(directory, 'back'))).toEqual(facts);
    expect((await readFile(join(directory, 'back'))).equals(bytes)).toBe(true);
  }
  await bucket.putText('runs/1.log', 'größer & "mehr"');
  expect(await bucket.readText('runs/1.log')).toBe('größer & "mehr"');
  await bucket.replaceText('runs/1.log', 'anders');
  expect(await bucket.readText('runs/1.log')).toBe('anders');
  await bucket.remove('runs/1.log');
  expect(await bucket.readText('runs/1.log')).toBeNull();
  bucket.close();
});

it('is refused by it with a wrong secret', async () => {
  const bucket = open('wrong');
  const detail = 'put: SignatureDoesNotMatch (403)';
  await expect(bucket.putText('a', 'x')).rejects.toMatchObject({ code: 'SBX_ARTIFACTS_REFUSED', detail });
  bucket.close();
});
