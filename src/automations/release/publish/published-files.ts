import { hash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Bucket } from '../store/bucket.ts';

/** Where the files of a product lie that an update server reads. */
export interface PublishedFiles {
  /** Their names and the SHA-256 of what they hold. */
  existing(product: string): Promise<Record<string, string>>;
  /** A reader sees the old file or the new one. */
  write(product: string, file: string, text: string): Promise<void>;
  remove(product: string, file: string): Promise<void>;
}

export function digest(text: string): string {
  return hash('sha256', text, 'hex');
}

/** A directory that holds one directory for each product. */
export function publishedInDirectory(directory: string): PublishedFiles {
  return {
    existing: product => existingIn(join(directory, product)),
    write: (product, file, text) => writeWhole(join(directory, product, file), text),
    remove: (product, file) => rm(join(directory, product, file), { force: true }),
  };
}

/** `public/<product>/…` in the bucket, for a CDN or a web server before it. */
export function publishedInBucket(bucket: Bucket): PublishedFiles {
  const keyOf = (product: string, file: string) => `public/${product}/${file}`;
  return {
    existing: async product => {
      const start = keyOf(product, '');
      const listed = await bucket.list(start);
      const pairs = listed.map(async ({ key }) => [key.slice(start.length), (await bucket.head(key))?.sha256 ?? '']);
      return Object.fromEntries(await Promise.all(pairs)) as Record<string, string>;
    },
    write: (product, file, text) => bucket.replaceText(keyOf(product, file), text),
    remove: (product, file) => bucket.remove(keyOf(product, file)),
  };
}

async function existingIn(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  const pairs = files.map(async file => {
    // Gone again, when somebody else has just put it in its place.
    const text = await readFile(file, 'utf8').catch(() => null);
    return text === null ? [] : [[relative(directory, file), digest(text)] as const];
  });
  return Object.fromEntries((await Promise.all(pairs)).flat());
}

/** A reader sees the old file or the new one, also after a power cut, and whoever else writes the same at the same time. */
async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const own = `${path}.${randomUUID()}.new`;
  try {
    const file = await open(own, 'w', 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(own, path);
  } catch (error) {
    await rm(own, { force: true });
    throw error;
  }
}
