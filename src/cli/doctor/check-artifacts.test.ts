import { afterEach, beforeEach, expect, it } from 'vitest';
import { type S3Server, startS3 } from '../../../test/s3/start-s3.ts';
import type { SecretReference } from '../../config/fields.ts';
import type { S3Settings } from '../../config/s3.ts';
import type { Settings } from '../../config/schema.ts';
import { checkArtifacts } from './check-artifacts.ts';

let server: S3Server;
beforeEach(async () => {
  server = await startS3();
});
afterEach(() => server.close());

const ACCESS: SecretReference = { secretIn: 'env', name: 'ACCESS' };
const SECRET: SecretReference = { secretIn: 'env', name: 'SECRET' };

async function check(other: Partial<S3Settings> = {}, secretKey = server.keys.secretKey) {
  const { endpoint, bucket } = server;
  const own = { endpoint, region: 'r', bucket, prefix: 'p/', path_style: true, access_key: ACCESS, secret_key: SECRET };
  const settings = { service: { artifacts: { s3: { ...own, ...other } } } } as unknown as Settings;
  const read = async (reference: SecretReference) => (reference === ACCESS ? server.keys.accessKey : secretKey);
  const checks = await checkArtifacts(settings, read);
  expect(JSON.stringify(checks)).not.toContain(secretKey);
  return checks;
}

it('finds a bucket good that keeps what is there, and leaves nothing in it', async () => {
  expect(await check()).toMatchObject([{ status: 'OK', detail: expect.stringContaining('artifacts/p/') }]);
  expect([...server.objects.all.keys()]).toEqual([]);
});

it('finds a server unfit that replaces what is there', async () => {
  server.objects.ignoresConditions = true;
  expect(await check()).toMatchObject([{ status: 'FAIL', detail: expect.stringContaining('If-None-Match') }]);
  expect([...server.objects.all.keys()]).toEqual([]);
});

it('says what the bucket answers, and what to do', async () => {
  server.faults.push({ match: /^PUT/, does: { status: 501, code: 'NotImplemented' } });
  const refused = (detail: string) => [
    { status: 'FAIL', detail: expect.stringContaining(detail), remedy: expect.stringMatching(/bucket/) },
  ];
  expect(await check()).toMatchObject(refused('NotImplemented (501)'));
  expect(await check({}, 'another-secret')).toMatchObject(refused('SignatureDoesNotMatch (403)'));
  expect(await check({ bucket: 'elsewhere' })).toMatchObject(refused('NoSuchBucket (404)'));
  expect(await check({ endpoint: 'http://127.0.0.1:9' })).toMatchObject(refused('ECONNREFUSED'));
});

it('says nothing where artifacts lie on disk', async () => {
  const settings = { service: { artifacts: 'disk' } } as unknown as Settings;
  expect(await checkArtifacts(settings, async () => '')).toEqual([]);
});
