import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface Copied {
  bytes: number;
  sha256: string;
}

const CHUNK = 1024 * 1024;

/** Copies an open file, even one that has no name any more, to a new one, and puts that on disk. */
export async function copyOpen(from: FileHandle, to: string): Promise<Copied> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  const { mode } = await from.stat();
  await using target = await open(to, 'wx', mode & 0o700);
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(CHUNK);
  let at = 0;
  for (;;) {
    const { bytesRead } = await from.read(buffer, 0, CHUNK, at);
    if (bytesRead === 0) break;
    const bytes = buffer.subarray(0, bytesRead);
    hash.update(bytes);
    await target.writeFile(bytes);
    at += bytesRead;
  }
  await target.sync();
  return { bytes: at, sha256: hash.digest('hex') };
}

export async function copyFile(from: string, to: string): Promise<Copied> {
  await using handle = await open(from, 'r');
  return await copyOpen(handle, to);
}

export async function digestFile(file: string): Promise<Copied> {
  await using handle = await open(file, 'r');
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of handle.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** All files below a directory, as paths that begin at it; none where it does not exist. Links are not followed. */
export async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .toSorted();
}

/** Puts the names in a directory on disk. */
export async function syncDirectory(directory: string): Promise<void> {
  await using handle = await open(directory, 'r');
  await handle.sync();
}
