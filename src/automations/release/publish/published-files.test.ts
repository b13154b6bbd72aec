import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { startS3 } from '../../../../test/s3/start-s3.ts';
import { openBucket } from '../../../storage/s3/open-bucket.ts';
import { digest, type PublishedFiles, publishedInBucket, publishedInDirectory } from './published-files.ts';

let end: () => Promise<unknown>;
afterEach(() => end());

async function inDirectory(): Promise<PublishedFiles> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-published-'));
  end = () => rm(directory, { recursive: true });
  return publishedInDirectory(directory);
}

async function inBucket(): Promise<PublishedFiles> {
  const server = await startS3();
  const { endpoint, bucket: name, keys } = server;
  const bucket = openBucket({ endpoint, region: 'r', bucket: name, prefix: 'p/', pathStyle: true, ...keys });
  end = () => {
    bucket.close();
    return server.close();
  };
  return publishedInBucket(bucket);
}

it.each([
  ['a directory', inDirectory],
  ['a bucket', inBucket],
])('are written, replaced, told and removed, each product for itself: in %s', async (_name, open) => {
  const files = await open();
  expect(await files.existing('appliance')).toEqual({});
  await files.write('appliance', 'channels/5.4/production.json', 'one');
  await files.write('appliance', 'releases/5.4.1.json', 'größer');
  await files.write('appliance-two', 'releases/5.4.1.json', 'other');
  await files.write('appliance', 'channels/5.4/production.json', 'two');
  const channel = { 'channels/5.4/production.json': digest('two') };
  expect(await files.existing('appliance')).toEqual({ ...channel, 'releases/5.4.1.json': digest('größer') });
  await files.remove('appliance', 'releases/5.4.1.json');
  await files.remove('appliance', 'releases/5.4.1.json');
  expect(await files.existing('appliance')).toEqual(channel);
  expect(await files.existing('appliance-two')).toEqual({ 'releases/5.4.1.json': digest('other') });
});
