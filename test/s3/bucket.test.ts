import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bucket } from '../../src/automations/release/store/bucket.ts';
import { openBucket } from '../../src/storage/s3/open-bucket.ts';
import { type S3Server, startS3 } from './start-s3.ts';

let server: S3Server;
let bucket: Bucket;
let directory: string;

const MIB = 1024 * 1024;

beforeEach(async () => {
  server = await startS3();
  bucket = openBucket({ ...optionsOf(server), prefix: 'signalbox/' });
  directory = await mkdtemp(join(tmpdir(), 'signalbox-bucket-'));
});
afterEach(async () => {
  bucket.close();
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

function optionsOf({ endpoint, bucket: name, keys }: S3Server) {
  return { endpoint, region: 'eu-central-1', bucket: name, prefix: '', pathStyle: true, ...keys };
}

const at = (name: string) => join(directory, name);

async function file(name: string, bytes: Buffer): Promise<{ size: number; sha256: string; md5: string }> {
  await writeFile(at(name), bytes);
  const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex');
  return { size: bytes.length, sha256: digest('sha256'), md5: digest('md5') };
}

describe('a file', () => {
  it('goes in one piece or in parts, comes back byte for byte, and is never replaced', async () => {
    for (const [name, bytes] of [
      ['small', randomBytes(1000)],
      ['large', randomBytes(20 * MIB + 1)],
    ] as const) {
      const facts = await file(name, bytes);
      await bucket.putFile(`a/${name}`, at(name), facts);
      expect(await bucket.head(`a/${name}`)).toEqual({ size: facts.size, sha256: facts.sha256 });
      expect(await bucket.fetch(`a/${name}`, at('back'))).toEqual({ size: facts.size, sha256: facts.sha256 });
      expect((await readFile(at('back'))).equals(bytes)).toBe(true);
      await bucket.putFile(`a/${name}`, at(name), facts);
      const others = await file('others', randomBytes(bytes.length));
      await expect(bucket.putFile(`a/${name}`, at('others'), others)).rejects.toMatchObject({
        code: 'SBX_ARTIFACT_CONFLICT',
      });
      expect(server.objects.get(`signalbox/a/${name}`).bytes.equals(bytes)).toBe(true);
    }
    expect(server.objects.uploads.size).toBe(0);
    expect(server.requests.filter(line => /partNumber=3/.test(line)).length).toBeGreaterThan(0);
  });

  it('is not completed when the disk gives back other bytes than were received', async () => {
    const facts = await file('large', randomBytes(9 * MIB));
    await writeFile(at('large'), randomBytes(9 * MIB));
    await expect(bucket.putFile('a', at('large'), facts)).rejects.toMatchObject({ code: 'SBX_RELEASE_NOT_STORED' });
    expect(server.objects.all.size).toBe(0);
    expect(server.objects.uploads.size).toBe(0);
  });

  it.each([
    ['the connection dies before', 'reset before'],
    ['the connection dies after it was done', 'reset after'],
    ['500', { status: 500, code: 'InternalError' }],
    ['503 SlowDown', { status: 503, code: 'SlowDown' }],
  ] as const)('is there once when a request fails: %s', async (_what, does) => {
    const small = await file('small', randomBytes(1000));
    const large = await file('large', randomBytes(9 * MIB));
    for (const match of [/^PUT .*\/small/, /^POST .*\?uploads/, /^PUT .*partNumber=2/, /^POST .*uploadId=/])
      server.faults.push({ match, does });
    await bucket.putFile('small', at('small'), small);
    await bucket.putFile('large', at('large'), large);
    expect(server.faults).toEqual([]);
    expect([...server.objects.all.keys()].toSorted()).toEqual(['signalbox/large', 'signalbox/small']);
    expect(await bucket.head('large')).toEqual({ size: large.size, sha256: large.sha256 });
  });

  it('that breaks off on its way here is fetched again', async () => {
    const facts = await file('large', randomBytes(2 * MIB));
    await bucket.putFile('large', at('large'), facts);
    server.faults.push(
      { match: /^GET/, does: 'cut', times: 2 },
      { match: /^GET/, does: { status: 503, code: 'SlowDown' } },
    );
    expect(await bucket.fetch('large', at('back'))).toEqual({ size: facts.size, sha256: facts.sha256 });
    expect(await bucket.fetch('other', at('back'))).toBeNull();
  });
});

describe('a bucket', () => {
  it('lists over pages, below its prefix only, and removes', async () => {
    await bucket.putText('b/x', 'not asked for');
    for (let n = 0; n < 8; n++) await bucket.putText(`a/${n}`, String(n));
    const listed = await bucket.list('a/');
    expect(listed.map(({ key, size }) => [key, size])).toEqual(Array.from({ length: 8 }, (_, n) => [`a/${n}`, 1]));
    expect(listed[0]!.changedAt).toBeGreaterThan(Date.now() - 60_000);
    await bucket.remove('a/0');
    await bucket.remove('a/0');
    expect(await bucket.readText('a/0')).toBeNull();
    expect(await bucket.list('a/')).toHaveLength(7);
  });

  it('keeps the first of two texts unless it is told to replace it', async () => {
    await Promise.all([bucket.putText('a', 'one'), bucket.putText('a', 'one')]);
    await expect(bucket.putText('a', 'two')).rejects.toMatchObject({ code: 'SBX_ARTIFACT_CONFLICT' });
    expect(await bucket.readText('a')).toBe('one');
    await bucket.replaceText('a', 'two');
    expect(await bucket.readText('a')).toBe('two');
  });

  it('gives up uploads in parts that nobody will complete', async () => {
    server.objects.begin('signalbox/a/old', {});
    server.objects.begin('elsewhere/old', {});
    await bucket.abortUnfinished('a/', Date.now() - 60_000);
    expect(server.objects.uploads.size).toBe(2);
    await bucket.abortUnfinished('a/', Date.now() + 1);
    expect([...server.objects.uploads.values()].map(({ key }) => key)).toEqual(['elsewhere/old']);
  });

  it.each([
    ['a wrong secret', { secretKey: 'wrong' }, 'SBX_ARTIFACTS_REFUSED', /SignatureDoesNotMatch \(403\)/],
    ['a wrong key', { accessKey: 'wrong' }, 'SBX_ARTIFACTS_REFUSED', /InvalidAccessKeyId \(403\)/],
    ['another bucket', { bucket: 'others' }, 'SBX_ARTIFACTS_REFUSED', /NoSuchBucket \(404\)/],
    ['nobody there', { endpoint: 'http://127.0.0.1:9' }, 'SBX_ARTIFACTS_UNREACHABLE', /ECONNREFUSED/],
  ])('says what is wrong without its secret: %s', async (_what, wrong, code, detail) => {
    const other: Bucket = openBucket({ ...optionsOf(server), ...wrong });
    const failure = await other.putText('a', 'x').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, detail: expect.stringMatching(detail) });
    expect(JSON.stringify(failure)).not.toContain(server.keys.secretKey);
    await expect(other.readText('a')).rejects.toMatchObject({ code });
    await expect(other.list('')).rejects.toMatchObject({ code });
    other.close();
  });
});
