import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isVersion } from '../version.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { digestsOfFile } from './digests-of-file.ts';
import { syncDirectory } from './durable.ts';
import { makePlaces, publishDirectory, type ReleasePlaces, type ReleaseRecord, readRecord } from './release-files.ts';

/** Releases in a directory of this machine: each one's directory is renamed into its place, whole. */
export function directoryStore(places: ReleasePlaces): ArtifactStore {
  const holds = async (record: ReleaseRecord): Promise<boolean> => {
    const found = await stat(join(places.directoryOf(record), record.file)).catch(() => null);
    return found?.size === record.size;
  };
  return {
    open: () => makePlaces(places),
    put: async (staging, record) => ((await publishDirectory(places, staging, record)) ? record : null),
    find: async product => {
      const found = await readdir(join(places.root, product), { withFileTypes: true }).catch(() => []);
      return found
        .filter(entry => entry.isDirectory() && isVersion(entry.name))
        .map(({ name: version }) => ({ product, version }));
    },
    read: name => readRecord(places.directoryOf(name)),
    holds,
    isWhole: async record => {
      if (!(await holds(record))) return false;
      const { md5, sha256 } = await digestsOfFile(join(places.directoryOf(record), record.file));
      return md5 === record.md5 && sha256 === record.sha256;
    },
    fetch: async record => places.directoryOf(record),
    setAside: async (name, at) => {
      const directory = places.directoryOf(name);
      if (!(await stat(directory).catch(() => null))) return;
      await mkdir(places.damaged, { recursive: true, mode: 0o750 });
      await rename(directory, join(places.damaged, `${name.product}-${name.version}-${at}`));
    },
    remove: name => removeDirectory(places, name),
    orphans: async () => [],
  };
}

/** It leaves its place at once and is emptied elsewhere, with what an earlier process had moved away before it was killed. */
export async function removeDirectory(
  places: ReleasePlaces,
  name: Parameters<ReleasePlaces['directoryOf']>[0],
): Promise<void> {
  await mkdir(places.removed, { recursive: true, mode: 0o750 });
  try {
    await rename(places.directoryOf(name), join(places.removed, randomUUID()));
    await syncDirectory(join(places.root, name.product));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await rm(places.removed, { recursive: true, force: true });
}
