import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type S3Server, startS3 } from '../../../../test/s3/start-s3.ts';
import { openBucket } from '../../../storage/s3/open-bucket.ts';
import type { Bucket } from '../store/bucket.ts';
import { bucketLogs } from './bucket-logs.ts';
import type { RunLogs } from './run-logs.ts';

let server: S3Server;
let bucket: Bucket;
let directory: string;
let warnings: string[];
const RUN = { product: 'appliance', version: '5.4.1', attempt: 2 };

beforeEach(async () => {
  server = await startS3();
  const { endpoint, bucket: name, keys } = server;
  bucket = openBucket({ endpoint, region: 'r', bucket: name, prefix: '', pathStyle: true, ...keys });
  directory = await mkdtemp(join(tmpdir(), 'signalbox-logs-'));
  warnings = [];
});
afterEach(async () => {
  bucket.close();
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

function logsOf(machine: string): RunLogs {
  const log = { info: () => undefined, warn: (text: string) => void warnings.push(text), error: () => undefined };
  return bucketLogs(bucket, join(directory, machine), log);
}

async function begin(logs: RunLogs, text: string | Buffer): Promise<string> {
  const file = logs.fileOf(RUN);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

async function read(logs: RunLogs, ended: () => boolean): Promise<string> {
  const chunks: Buffer[] = [];
  const { signal } = new AbortController();
  for await (const chunk of logs.follow(RUN, { ended: async () => ended(), signal })) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

it('shows a log on another machine while it is written, and all of it at the end', async () => {
  const here = logsOf('here');
  const file = await begin(here, 'first line, größer\nhalf a li');
  const end = here.share(RUN);
  const seen: string[] = [];
  let over = false;
  const reading = (async () => {
    const { signal } = new AbortController();
    for await (const chunk of logsOf('there').follow(RUN, { ended: async () => over, signal }))
      seen.push(chunk.toString());
  })();
  await expect.poll(() => seen).toEqual(['first line, größer\n']);
  await appendFile(file, 'ne\nand no end of it: ü');
  await end();
  over = true;
  await reading;
  expect(seen.join('')).toBe('first line, größer\nhalf a line\nand no end of it: ü');
  expect(await read(here, () => true)).toBe(seen.join(''));
  expect(warnings).toEqual([]);
});

it('copies a large log in pieces, with lines of any length, byte for byte', async () => {
  const here = logsOf('here');
  const text = `${'x'.repeat(1_200_000)}\n${'line\n'.repeat(200_000)}`;
  await begin(here, text);
  await here.share(RUN)();
  expect(await read(logsOf('there'), () => true)).toBe(text);
  expect(await bucket.list('runs/appliance/5.4.1/2.log/')).toHaveLength(5);
  await here.remove('appliance', '5.4.1');
  expect(await bucket.list('runs/')).toEqual([]);
  expect(await read(here, () => true)).toBe('');
});

it('decides nothing when the log cannot be copied', async () => {
  const here = logsOf('here');
  await begin(here, 'text\n');
  server.faults.push({ match: /^PUT /, does: { status: 403, code: 'AccessDenied' } });
  await here.share(RUN)();
  expect(warnings).toEqual(['a log could not be copied']);
  expect(await read(here, () => true)).toBe('text\n');
});
