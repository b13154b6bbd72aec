import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Documents } from '../../../engine/documents/documents.ts';
import type { EngineLog } from '../../../engine/log.ts';
import { laneKey, RELEASE, type ReleaseDocument, releaseId } from '../model.ts';
import { readAll } from '../read-all.ts';
import type { Digests } from '../receive/ring.ts';
import { isVersion } from '../version.ts';
import { adoptRelease } from './commit.ts';
import { type ReleasePlaces, type ReleaseRecord, readRecord } from './release-files.ts';

export interface ReconcileContext {
  places: ReleasePlaces;
  documents: Documents;
  /** The products of the configuration; other directories are left alone. */
  products: readonly string[];
  now: () => number;
  log: EngineLog;
}

/**
 * What every start begins with, before a request is taken: whatever point an earlier process was killed at, disk and
 * database come to say the same. A directory without document is taken in if it is whole and set aside if not; a document
 * without directory is rejected; what was being staged was never acknowledged and goes.
 */
export async function reconcileReleases(context: ReconcileContext): Promise<void> {
  const { places, products } = context;
  for (const directory of [places.root, places.staging, places.uploads])
    await mkdir(directory, { recursive: true, mode: 0o750 });
  for (const left of await readdir(places.staging))
    await rm(join(places.staging, left), { recursive: true, force: true });
  for (const product of products) {
    const documents = await readAll<ReleaseDocument>(context.documents, RELEASE, `${product}/`);
    const known = new Map(documents.map(({ body }) => [body.version, body]));
    await takeInUnknown(context, product, known);
    for (const release of known.values()) await rejectLost(context, release);
  }
}

async function takeInUnknown(
  context: ReconcileContext,
  product: string,
  known: ReadonlyMap<string, ReleaseDocument>,
): Promise<void> {
  const { places, documents, now, log } = context;
  const found = await readdir(join(places.root, product), { withFileTypes: true }).catch(() => []);
  for (const { name: version } of found.filter(entry => entry.isDirectory() && isVersion(entry.name))) {
    const release = known.get(version);
    if (release && release.state !== 'rejected') continue;
    const directory = places.directoryOf({ product, version });
    const record = await readRecord(directory);
    const whole =
      record !== null && record.product === product && record.version === version && (await isWhole(directory, record));
    if (!whole || (release && release.sha256 !== record.sha256)) {
      await setAside(places, directory, `${product}-${version}-${now()}`);
      log.error('a damaged release was set aside', { product, version });
    } else if (release) {
      await restore(context, release);
    } else if (await adoptRelease(documents, record, now())) {
      log.warn('a release was found on disk without its record, and taken in', { product, version });
    }
  }
}

/** A release whose artifact is back, as after a start with a disk that was not mounted. */
async function restore({ documents, log }: ReconcileContext, { product, version }: ReleaseDocument): Promise<void> {
  await documents.change<ReleaseDocument>(RELEASE, releaseId(product, version), current => {
    const last = current?.runs.at(-1)?.state;
    if (current?.state !== 'rejected' || last === undefined) return null;
    const data = { release: 'restored', version, because: 'its artifact is on disk again' };
    return { body: { ...current, state: last }, journal: [{ kind: 'signal', key: laneKey(product), data }] };
  });
  log.warn('a rejected release has its artifact again', { product, version });
}

/** Whether the artifact is byte for byte what `release.json` says. */
async function isWhole(directory: string, record: ReleaseRecord): Promise<boolean> {
  const file = join(directory, record.file);
  const size = await stat(file).then(
    found => found.size,
    () => -1,
  );
  if (size !== record.size) return false;
  const { md5, sha256 } = await digestsOfFile(file);
  return md5 === record.md5 && sha256 === record.sha256;
}

async function digestsOfFile(file: string): Promise<Digests> {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    md5.update(chunk as Buffer);
    sha256.update(chunk as Buffer);
  }
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

async function setAside(places: ReleasePlaces, directory: string, name: string): Promise<void> {
  await mkdir(places.damaged, { recursive: true, mode: 0o750 });
  await rename(directory, join(places.damaged, name));
}

async function rejectLost({ places, documents, now, log }: ReconcileContext, release: ReleaseDocument): Promise<void> {
  if (release.state === 'rejected') return;
  const { product, version, file, size } = release;
  const directory = places.directoryOf(release);
  const found = await stat(join(directory, file)).catch(() => null);
  if (found?.size === size) return;
  const at = now();
  // What is left of it would be in the way of the same version sent again.
  if (await stat(directory).catch(() => null)) await setAside(places, directory, `${product}-${version}-${at}`);
  const key = laneKey(product);
  await documents.change<ReleaseDocument>(RELEASE, releaseId(product, version), current => {
    if (!current) return null;
    const runs = current.runs.map(run =>
      run.state === 'queued' ? { ...run, state: 'failed' as const, endedAt: at } : run,
    );
    return {
      body: { ...current, state: 'rejected', runs },
      journal: [
        { kind: 'failure', key, data: { release: 'rejected', version, because: 'its artifact is not on disk' } },
      ],
    };
  });
  log.error('a release has lost its artifact, and is rejected', { product, version });
}
