import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { removeDirectory } from './directory-store.ts';
import { RELEASE_JSON, type ReleasePlaces } from './release-files.ts';

/** A copy that no script has used for so long goes, ms: the release itself is in the bucket. */
const UNUSED = 24 * 60 * 60_000;

/** Says that a copy is in use. */
export async function touch(directory: string): Promise<void> {
  const now = new Date();
  await utimes(join(directory, RELEASE_JSON), now, now);
}

/** Removes the copies that nobody has used for a day, by the clock that dates the files. */
export async function dropUnused(places: ReleasePlaces): Promise<void> {
  for (const product of await directoriesIn(places.root)) {
    if (product.startsWith('.')) continue;
    for (const version of await directoriesIn(join(places.root, product))) {
      const used = await stat(join(places.root, product, version, RELEASE_JSON)).catch(() => null);
      if (used && Date.now() - used.mtimeMs > UNUSED) await removeDirectory(places, { product, version });
    }
  }
}

async function directoriesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return entries.filter(entry => entry.isDirectory()).map(entry => entry.name);
}
