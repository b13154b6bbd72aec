import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { crashPoint } from '../../../engine/crash-point.ts';
import type { ReleaseDocument } from '../model.ts';
import { releaseVariables, renderEnvFile } from '../variables.ts';
import { isVersion } from '../version.ts';
import { syncDirectory, writeDurably } from './durable.ts';

/** Names in the artifacts' directory that can be no product: products begin with a letter. */
const STAGING = '.staging';
const UPLOADS = '.uploads';
const DAMAGED = '.damaged';
const REMOVED = '.removed';
export const RELEASE_JSON = 'release.json';
export const SUMS = 'SHA256SUMS';

/** What `release.json` says: all that is needed to take a release in again when the database is lost. */
export type ReleaseRecord = Pick<
  ReleaseDocument,
  | 'product'
  | 'version'
  | 'line'
  | 'environment'
  | 'metadata'
  | 'file'
  | 'size'
  | 'md5'
  | 'sha256'
  | 'credential'
  | 'receivedAt'
  | 'object'
>;

/**
 * Where releases lie: `<root>/<product>/<version>/` with the artifact, `release.json`, the env file and `SHA256SUMS`. A
 * release is either all there or not: its directory is made in `.staging` on the same file system and renamed.
 */
export interface ReleasePlaces {
  root: string;
  staging: string;
  uploads: string;
  damaged: string;
  /** What retention removes leaves its place at once, and is emptied here. */
  removed: string;
  directoryOf: (release: Pick<ReleaseDocument, 'product' | 'version'>) => string;
}

export function releasePlaces(root: string, process = ''): ReleasePlaces {
  return {
    root,
    staging: join(root, STAGING, process),
    uploads: join(root, UPLOADS),
    damaged: join(root, DAMAGED),
    removed: join(root, REMOVED),
    directoryOf: ({ product, version }) => join(root, product, version),
  };
}

/** The artifact's name; derived, never taken from a request. */
export function artifactName(product: string, version: string): string {
  return `${product}-${version}.tgz`;
}

/** Makes the directories; what was being staged by an earlier process was never acknowledged and goes. */
export async function makePlaces(places: ReleasePlaces): Promise<void> {
  for (const directory of [places.root, places.staging, places.uploads])
    await mkdir(directory, { recursive: true, mode: 0o750 });
  for (const left of await readdir(places.staging))
    await rm(join(places.staging, left), { recursive: true, force: true });
}

/** A new directory for one upload. */
export async function createStaging(places: ReleasePlaces): Promise<string> {
  const directory = join(places.staging, randomUUID());
  await mkdir(directory, { mode: 0o750 });
  return directory;
}

/** Writes what belongs beside the artifact, and puts all of it on disk. */
export async function writeRecord(
  places: ReleasePlaces,
  staging: string,
  record: ReleaseRecord,
  attempt: number,
): Promise<void> {
  const target = places.directoryOf(record);
  const envFile = `${record.product}.env`;
  const paths = { artifact: join(target, record.file), envFile: join(target, envFile) };
  await writeDurably(join(staging, RELEASE_JSON), renderRecord(record));
  await writeDurably(join(staging, envFile), renderEnvFile(releaseVariables(record, { ...record, attempt }, paths)));
  await writeDurably(join(staging, SUMS), `${record.sha256}  ${record.file}\n`);
  await syncDirectory(staging);
}

/**
 * Makes a staged release visible, all at once. A directory that is there already is never touched: rename refuses one that
 * is not empty.
 *
 * @returns false when there is one already
 */
export async function publishDirectory(
  places: ReleasePlaces,
  staging: string,
  record: ReleaseRecord,
): Promise<boolean> {
  const target = places.directoryOf(record);
  const parent = join(places.root, record.product);
  if (await mkdir(parent, { recursive: true, mode: 0o750 })) await syncDirectory(places.root);
  try {
    await rename(staging, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
  crashPoint('release:renamed');
  try {
    await syncDirectory(parent);
  } catch (error) {
    // The kernel may forget a name that it could not write, and call it written the next time: so it is given anew.
    await rename(target, staging).catch(() => undefined);
    throw error;
  }
  return true;
}

const recordSchema = z.object({
  product: z.string(),
  version: z.string().refine(isVersion),
  line: z.string(),
  environment: z.string(),
  metadata: z.record(z.string(), z.string()),
  file: z.string(),
  size: z.number().int().nonnegative(),
  md5: z.string().regex(/^[0-9a-f]{32}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  credential: z.string(),
  received_at: z.iso.datetime(),
  object: z.string().optional(),
});

/** Of a whole release, what belongs into `release.json`. */
export function recordOf(release: ReleaseRecord): ReleaseRecord {
  const { product, version, line, environment, metadata, file, size, md5, sha256, credential, receivedAt, object } =
    release;
  return { product, version, line, environment, metadata, file, size, md5, sha256, credential, receivedAt, object };
}

/** The text of `release.json`. */
export function renderRecord({ receivedAt, ...record }: ReleaseRecord): string {
  return `${JSON.stringify({ ...record, received_at: new Date(receivedAt).toISOString() }, null, 2)}\n`;
}

/** Reads a release's `release.json`; null when it is missing or not what we write. */
export async function readRecord(directory: string): Promise<ReleaseRecord | null> {
  const text = await readFile(join(directory, RELEASE_JSON), 'utf8').catch(() => null);
  return text === null ? null : parseRecord(text);
}

/** What a `release.json` says; null when it is not what we write. */
export function parseRecord(text: string): ReleaseRecord | null {
  try {
    const { received_at, ...record } = recordSchema.parse(JSON.parse(text));
    if (record.file !== artifactName(record.product, record.version)) return null;
    return { ...record, receivedAt: Date.parse(received_at) };
  } catch {
    return null;
  }
}
