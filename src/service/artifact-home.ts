import { randomUUID } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Documents } from '../engine/documents/documents.ts';
import type { EngineLog } from '../engine/log.ts';
import { SignalboxError } from '../errors.ts';
import { writeOnce } from './write-once.ts';

/** Document `artifact-home`, id `disk`: where the artifacts of all processes on one PostgreSQL lie, on disk or in a bucket. */
export interface ArtifactHome {
  /** The id that is written in the directory, or the bucket's name. */
  store: string;
  /** Whose processes can be seen from there: release scripts of a killed process are ended by the one that takes over. */
  machine: string;
  /** When a process that uses it was last alive, ms since the epoch. */
  seenAt: number;
}

const KIND = 'artifact-home';
const ID = 'disk';
const RENEW_EVERY = 10_000;
/** After this long without a sign of life the home may move. */
const ABANDONED = 60_000;

/** Why a process must not keep artifacts in its directory, or null. */
export function whyNotHere(home: ArtifactHome | null, mine: Omit<ArtifactHome, 'seenAt'>, now: number): string | null {
  if (home === null || now - home.seenAt > ABANDONED) return null;
  if (home.store !== mine.store) return 'another process that runs keeps them in another place';
  if (home.machine !== mine.machine) return `a process on another machine (${home.machine}) uses the directory`;
  return null;
}

export interface ClaimOptions {
  documents: Documents;
  /** What all processes with releases must share, and how it is called. */
  place: Omit<ArtifactHome, 'seenAt'> & { called: string };
  now: () => number;
  log: EngineLog;
}

/**
 * Makes sure that all processes on one database that take releases keep them in one place: a directory of one machine, or a bucket. A release
 * that is taken in by one of them is run, shown and promoted by any other.
 *
 * @returns how to end the claim
 * @throws SignalboxError SBX_ARTIFACTS_ELSEWHERE
 */
export async function claimArtifactHome({ documents, place, now, log }: ClaimOptions): Promise<() => void> {
  const { called, ...mine } = place;
  const claim = () =>
    documents.change<ArtifactHome>(KIND, ID, current => {
      const why = whyNotHere(current, mine, now());
      if (why !== null) throw new SignalboxError('SBX_ARTIFACTS_ELSEWHERE', `${called}: ${why}`);
      return { body: { ...mine, seenAt: now() } };
    });
  await claim();
  const timer = setInterval(() => {
    claim().catch((error: unknown) =>
      log.warn('the place of the artifacts could not be kept', { error: String(error) }),
    );
  }, RENEW_EVERY);
  return () => clearInterval(timer);
}

/** A directory, on the machine where it lies. */
export async function directoryHome(directory: string): Promise<ClaimOptions['place']> {
  return { store: await storeId(directory), machine: await machineName(), called: directory };
}

/** A bucket, which is the same from everywhere, by whatever address. */
export function bucketHome(bucket: string, prefix: string): ClaimOptions['place'] {
  const store = `s3 ${bucket}/${prefix}`;
  return { store, machine: '', called: store };
}

/** Made by the first process that uses the directory. */
async function storeId(directory: string): Promise<string> {
  const file = join(directory, 'store-id');
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known !== '') return known.trim();
  return (await writeOnce(file, `${randomUUID()}\n`)).trim();
}

/** Two containers on one machine do not see each other's processes, so they count as two. */
async function machineName(): Promise<string> {
  const processes = await readlink('/proc/self/ns/pid').catch(() => '');
  return `${hostname()} ${processes}`.trim();
}
