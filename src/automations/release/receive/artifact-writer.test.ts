import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SignalboxError } from '../../../errors.ts';
import { ArtifactWriter } from './artifact-writer.ts';
import { Pace } from './pace.ts';
import { Ring } from './ring.ts';

let directory: string;
let ring: Ring;
let count = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-writer-'));
  ring = new Ring();
});
afterAll(async () => {
  await ring.close();
  await rm(directory, { recursive: true, force: true });
});

const MIB = 1024 * 1024;
const options = { ring: () => ring, maxSize: 64 * MIB };
const gzipLike = (size: number) => {
  const bytes = randomBytes(size);
  bytes.set([0x1f, 0x8b].slice(0, size));
  return bytes;
};
const digest = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest('hex');

async function feed(writer: ArtifactWriter, bytes: Buffer, piece: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += piece) {
    // A writer frees what it is given.
    writer.write(Buffer.from(bytes.subarray(at, at + piece)));
    if (writer.mustWait) await writer.drained();
  }
}

it('frees the memory of a chunk as soon as its bytes are in a slot', async () => {
  const writer = await ArtifactWriter.create(join(directory, `f${count++}`), { ...options, direct: true });
  const chunks = Array.from({ length: 40 }, () => Buffer.from(new Uint8Array(64 * 1024).fill(0x1f)));
  chunks[0]!.set([0x1f, 0x8b]);
  for (const chunk of chunks) {
    writer.write(chunk);
    if (writer.mustWait) await writer.drained();
  }
  expect(chunks.map(chunk => chunk.length)).toEqual(chunks.map((_, at) => (at < 32 ? 0 : 64 * 1024)));
  const pooled = Buffer.from('a piece of a common block');
  writer.write(pooled);
  await writer.finish();
  expect(pooled.toString()).toBe('a piece of a common block');
});

describe.each([true, false])('a writer past the page cache: %s', direct => {
  it.each([2, 4095, MIB - 1, MIB, MIB + 1, 3 * MIB, 12 * MIB + 4097])('writes and hashes %i bytes', async size => {
    const file = join(directory, `f${count++}`);
    const bytes = gzipLike(size);
    const writer = await ArtifactWriter.create(file, { ...options, direct });
    await feed(writer, bytes, 65_521);
    expect(await writer.finish()).toEqual({ size, md5: digest('md5', bytes), sha256: digest('sha256', bytes) });
    expect(bytes.equals(await readFile(file))).toBe(true);
  });

  it('lets several share the ring, and one that is given up hold nothing back', async () => {
    const all = await Promise.all(
      [5, 6, 7, 8, 9, 10].map(async mib => {
        const bytes = gzipLike(mib * MIB + mib);
        const writer = await ArtifactWriter.create(join(directory, `f${count++}`), { ...options, direct });
        await feed(writer, bytes, 100_000);
        if (mib % 2 === 0) return await writer.abort();
        return (await writer.finish()).sha256 === digest('sha256', bytes);
      }),
    );
    expect(all).toEqual([true, undefined, true, undefined, true, undefined]);
  });
});

it('goes on where an earlier one was, cutting off what was not acknowledged', async () => {
  const file = join(directory, `f${count++}`);
  const bytes = gzipLike(5 * MIB + 7);
  const first = await ArtifactWriter.reopen(file, 0, options);
  await feed(first, bytes.subarray(0, 2 * MIB + 5), 50_000);
  await first.flush();
  expect((await readFile(file)).length).toBe(2 * MIB + 5);
  await feed(first, gzipLike(MIB), 50_000);
  await first.abort();
  const second = await ArtifactWriter.reopen(file, 2 * MIB + 5, options);
  await feed(second, bytes.subarray(2 * MIB + 5), 70_000);
  expect((await second.finish()).sha256).toBe(digest('sha256', bytes));
  expect(bytes.equals(await readFile(file))).toBe(true);
});

it.each([
  ['SBX_RELEASE_NOT_A_TGZ', Buffer.from('hello')],
  ['SBX_RELEASE_NOT_A_TGZ', Buffer.from([0x1f, 0x00])],
  ['SBX_RELEASE_TOO_LARGE', gzipLike(65 * MIB)],
])('refuses with %s', async (code, bytes) => {
  const writer = await ArtifactWriter.create(join(directory, `f${count++}`), { ...options, direct: false });
  await expect(feed(writer, bytes, MIB)).rejects.toMatchObject({ code });
  await writer.abort();
});

describe('the pace of an upload', () => {
  const run = async (act: (pace: Pace) => void, milliseconds: number): Promise<SignalboxError | null> => {
    vi.useFakeTimers();
    let ended: SignalboxError | null = null;
    const pace = new Pace({ idle: 30_000, minRate: 1024, tooSlow: error => (ended = error) });
    for (let at = 0; at < milliseconds; at += 1000) {
      act(pace);
      vi.advanceTimersByTime(1000);
    }
    pace.stop();
    vi.useRealTimers();
    return ended;
  };

  it('may be six minutes at 20 kB a second', async () => {
    expect(await run(pace => pace.received(20_000), 360_000)).toBeNull();
  });

  it('may be in bursts, and does not count while the disk is slow', async () => {
    let second = 0;
    expect(await run(pace => second++ % 25 === 0 && pace.received(60_000), 360_000)).toBeNull();
    expect(await run(pace => pace.pause(), 360_000)).toBeNull();
  });

  it('may not be a byte a second, nor nothing', async () => {
    expect(await run(pace => pace.received(1), 40_000)).toMatchObject({ code: 'SBX_RELEASE_TOO_SLOW' });
    expect(await run(() => undefined, 31_000)).toMatchObject({ code: 'SBX_RELEASE_TOO_SLOW' });
  });
});
