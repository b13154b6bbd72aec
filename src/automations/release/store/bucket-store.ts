import { randomUUID } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crashPoint } from '../../../engine/crash-point.ts';
import { SignalboxError } from '../../../errors.ts';
import { isVersion } from '../version.ts';
import type { ArtifactStore, StoredName } from './artifact-store.ts';
import type { Bucket, ListedObject } from './bucket.ts';
import { removeDirectory } from './directory-store.ts';
import { asStorageError } from './durable.ts';
import { dropUnused, touch } from './local-copies.ts';
import {
  createStaging,
  makePlaces,
  parseRecord,
  publishDirectory,
  RELEASE_JSON,
  type ReleasePlaces,
  type ReleaseRecord,
  readRecord,
  recordOf,
  renderRecord,
  writeRecord,
} from './release-files.ts';

/** An upload that has not ended after this was cut off, ms. */
const CUT_OFF = 24 * 60 * 60_000;

/**
 * Releases in a bucket: `releases/<product>/<version>/<object>/` with the artifact and, put there last, `release.json`, which
 * makes it one. Each upload has an object name of its own, so nothing is shared between two of them, and which one is the
 * release is for the database to say. The directories of this machine hold copies: for the script, which gets a file.
 */
export function bucketStore(bucket: Bucket, places: ReleasePlaces): ArtifactStore {
  return {
    open: () => makePlaces(places),
    put: (staging, record) => put(bucket, places, staging, record),
    find: product => find(bucket, product),
    read: async name => (name.object === undefined ? null : readFrom(bucket, name)),
    holds: record => holds(bucket, record),
    isWhole: record => holds(bucket, record),
    fetch: record => fetchCopy(bucket, places, record),
    // Nothing is in the way of another upload: it gets a place of its own.
    setAside: name => dropCopy(places, name),
    remove: async name => {
      // Without its marker it is no release any more, and is never taken in again.
      await bucket.remove(folderOf(name) + RELEASE_JSON);
      for (const { key } of await bucket.list(folderOf(name))) await bucket.remove(key);
      await dropCopy(places, name);
    },
    orphans: (product, known, now) => orphans(bucket, product, known, now),
  };
}

async function put(
  bucket: Bucket,
  places: ReleasePlaces,
  staging: string,
  staged: ReleaseRecord,
): Promise<ReleaseRecord> {
  const record = { ...staged, object: randomUUID() };
  await bucket.putFile(artifactKey(record), join(staging, record.file), record);
  crashPoint('release:copied');
  await bucket.putText(folderOf(record) + RELEASE_JSON, renderRecord(record));
  // The copy that is here already is most likely the one that runs.
  await keepCopy(places, staging, record).catch(() => undefined);
  return record;
}

/** A copy in its place, in that of an older one; of the files beside the artifact those that name this machine's paths. */
async function keepCopy(places: ReleasePlaces, staging: string, record: ReleaseRecord): Promise<void> {
  await dropUnused(places.root, RELEASE_JSON);
  await writeRecord(places, staging, record, 1);
  await removeDirectory(places, record);
  await publishDirectory(places, staging, record);
}

/** Not that of another upload of the same version. */
async function dropCopy(places: ReleasePlaces, name: StoredName): Promise<void> {
  const here = await readRecord(places.directoryOf(name));
  if (here?.object === name.object) await removeDirectory(places, name);
}

async function fetchCopy(bucket: Bucket, places: ReleasePlaces, record: ReleaseRecord): Promise<string> {
  const directory = places.directoryOf(record);
  const here = await readRecord(directory);
  const size = await stat(join(directory, record.file)).then(
    found => found.size,
    () => -1,
  );
  if (here && here.object === record.object && size === record.size) {
    await touch(directory);
    return directory;
  }
  const staging = await createStaging(places);
  try {
    const got = await bucket.fetch(artifactKey(record), join(staging, record.file));
    const name = `${record.product} ${record.version}`;
    if (!got) throw new SignalboxError('SBX_ARTIFACT_DAMAGED', `${name} is not in the bucket any more`);
    if (got.sha256 !== record.sha256) {
      throw new SignalboxError('SBX_ARTIFACT_DAMAGED', `${name} came from the bucket with other bytes`);
    }
    await keepCopy(places, staging, recordOf(record));
    return directory;
  } catch (error) {
    throw asStorageError(error);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function readFrom(bucket: Bucket, name: StoredName): Promise<ReleaseRecord | null> {
  const text = await bucket.readText(folderOf(name) + RELEASE_JSON);
  const record = text === null ? null : parseRecord(text);
  return record && { ...record, object: name.object };
}

async function holds(bucket: Bucket, record: ReleaseRecord): Promise<boolean> {
  const found = await bucket.head(artifactKey(record));
  return found !== null && found.size === record.size && found.sha256 === record.sha256;
}

/** Those with their marker. */
async function find(bucket: Bucket, product: string): Promise<StoredName[]> {
  const listed = await bucket.list(`releases/${product}/`);
  return listed
    .map(({ key }) => nameOf(key))
    .filter(entry => entry !== null)
    .filter(({ file }) => file === RELEASE_JSON)
    .map(({ name }) => name);
}

/**
 * What no record names and is too old to be on its way: without its marker, or beside another upload of the same version that
 * became the release. One with a marker and without any record of its version is taken in by the next start instead.
 */
async function orphans(
  bucket: Bucket,
  product: string,
  known: ReadonlySet<string>,
  now: number,
): Promise<StoredName[]> {
  const before = now - CUT_OFF;
  await bucket.abortUnfinished(`releases/${product}/`, before);
  const folders = Map.groupBy(await bucket.list(`releases/${product}/`), ({ key }) =>
    key.slice(0, key.lastIndexOf('/')),
  );
  return [...folders].flatMap(([folder, objects]) => {
    const name = nameOf(`${folder}/`)?.name;
    if (name?.object === undefined || objects.some(each => each.changedAt > before)) return [];
    const recorded = known.has(name.version);
    const isOrphan = recorded ? !known.has(`${name.version}/${name.object}`) : !hasMarker(objects);
    return isOrphan ? [name] : [];
  });
}

function hasMarker(objects: readonly ListedObject[]): boolean {
  return objects.some(({ key }) => key.endsWith(`/${RELEASE_JSON}`));
}

function nameOf(key: string): { name: StoredName; file: string } | null {
  const [, product, version, object, file] = key.split('/');
  if (product === undefined || version === undefined || object === undefined || file === undefined) return null;
  return isVersion(version) ? { name: { product, version, object }, file } : null;
}

function folderOf({ product, version, object }: StoredName): string {
  return `releases/${product}/${version}/${object}/`;
}

function artifactKey(record: ReleaseRecord): string {
  return folderOf(record) + record.file;
}
