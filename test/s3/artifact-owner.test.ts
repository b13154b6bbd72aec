import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDocuments } from '../../src/engine/documents/documents.ts';
import { QUICK_PACE, type TemporaryDatabase, temporaryDatabase } from '../../src/engine/testing.ts';
import { bucketMark, claimArtifacts, directoryMark, type OwnerMark } from '../../src/service/artifact-owner.ts';
import { openBucket } from '../../src/storage/s3/open-bucket.ts';
import { type S3Server, startS3 } from './start-s3.ts';

let directory: string;
let s3: S3Server;
let databases: TemporaryDatabase[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-owner-'));
  s3 = await startS3();
  databases = [await temporaryDatabase(), await temporaryDatabase()];
});
afterEach(async () => {
  for (const each of databases) await each.remove();
  await s3.close();
  await rm(directory, { recursive: true, force: true });
});

function bucketAt(prefix: string): OwnerMark {
  const bucket = openBucket({
    endpoint: s3.endpoint,
    region: 'us-east-1',
    bucket: s3.bucket,
    prefix,
    pathStyle: true,
    ...s3.keys,
  });
  return bucketMark(bucket, `${s3.bucket}/${prefix}`);
}

const warnings: string[] = [];
const log = { info: () => undefined, warn: (text: string) => void warnings.push(text), error: () => undefined };

function claim(mark: OwnerMark, which: number): Promise<void> {
  const { database } = databases[which]!;
  const documents = createDocuments({ database, pace: QUICK_PACE, now: Date.now, wake: () => undefined });
  return claimArtifacts(mark, documents, log);
}

describe.each([
  ['a directory', (place: string) => directoryMark(join(directory, place)), '.owner.json'],
  ['a bucket', (place: string) => bucketAt(`${place}/`), 'owner.json'],
] as const)('%s', (_what, markOf, file) => {
  it('belongs to the first database that uses it, at every start, and to no other', async () => {
    await claim(markOf('here'), 0);
    await claim(markOf('here'), 0);
    const refused = claim(markOf('here'), 1);
    await expect(refused).rejects.toMatchObject({ code: 'SBX_ARTIFACTS_OWNED', detail: expect.stringContaining(file) });
    await claim(markOf('elsewhere'), 1);
    await claim(markOf('here'), 0);
  });

  it('belongs to one of two that begin together', async () => {
    const outcomes = await Promise.allSettled([0, 1].map(which => claim(markOf('here'), which)));
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});

it('leaves nothing but the mark in a directory', async () => {
  await Promise.allSettled([0, 1, 0, 1].map(which => claim(directoryMark(join(directory, 'here')), which)));
  expect(await readdir(join(directory, 'here'))).toEqual(['.owner.json']);
});

it('does not keep a service from starting while the bucket does not answer', async () => {
  const mark = bucketAt('here/');
  await s3.close();
  await claim(mark, 0);
  expect(warnings).toEqual(['whose the artifacts are is asked at the next start']);
});
