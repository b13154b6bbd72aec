import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { RELEASE_JSON } from './release-files.ts';

/** A copy that no script has used for so long goes, ms: the release itself is in the bucket. */
const UNUSED = 24 * 60 * 60_000;

/** Says that a copy is in use. */
export async function touch(directory: string): Promise<void> {
  const now = new Date();
  await utimes(join(directory, RELEASE_JSON), now, now);
}

/** Removes what lies in `<directory>/<product>/<version>/` and was not used for a day, which a file of that name tells. */
export async function dropUnused(directory: string, telling: string): Promise<void> {
  for (const product of await directoriesIn(directory)) {
    if (product.startsWith('.')) continue;
    for (const version of await directoriesIn(join(directory, product))) {
      const copy = join(directory, product, version);
      const used = await stat(join(copy, telling)).catch(() => null);
      if (used && Date.now() - used.mtimeMs > UNUSED) await rm(copy, { recursive: true, force: true });
    }
  }
}

async function directoriesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return entries.filter(entry => entry.isDirectory()).map(entry => entry.name);
}
