import { existsSync, lstatSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ArtifactPlace } from '../../config/artifact-place.ts';
import { armCrashPoint, crashPoint } from '../../engine/crash-point.ts';
import { SignalboxError } from '../../errors.ts';
import { makeDirectory } from '../../make-directory.ts';
import { giveToOwner } from '../../storage/give-to-owner.ts';
import { lockDataDirectory } from '../../storage/lock-data-directory.ts';
import { type Replacement, replaceData } from '../../storage/replace-data.ts';
import { openSqlite } from '../../storage/sqlite/open-sqlite.ts';
import { copyFile, syncDirectory } from './copy-file.ts';
import { ARTIFACTS, DATABASE, isArtifact, type Manifest, readManifest } from './manifest.ts';
import { proveDatabase } from './prove-database.ts';

export interface RestoreOptions {
  dataDirectory: string;
  artifacts: ArtifactPlace;
  /** What `writeBackup` has written. */
  source: string;
  /** Puts data that is there aside, instead of refusing. */
  force: boolean;
  now: () => number;
  /** The place at which a crash test wants this process to end. */
  crashAt?: string | undefined;
}

export interface Restored {
  manifest: Manifest;
  /** Where the data that was there is now; null where there was none. */
  aside: string | null;
  /** The same of released files, where they have a directory of their own. */
  artifactsAside: string | null;
}

const DRAFT = 'restore.unfinished';

/**
 * Puts a backup in the place of a data directory. Everything is copied and proved beside the old data first, and then put in
 * place as a whole, also when this process is killed meanwhile; a running service, or data that is there, makes it refuse.
 *
 * @throws SignalboxError SBX_BACKUP_INVALID, SBX_DATABASE_DAMAGED, SBX_RESTORE_WOULD_REPLACE, SBX_DATA_DIRECTORY_IN_USE, SBX_RESTORE_UNFINISHED
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { force, now } = options;
  const source = resolve(options.source);
  const dataDirectory = resolve(options.dataDirectory);
  armCrashPoint(options.crashAt);
  const manifest = await readManifest(source);
  const what = `${source}, ${manifest.at}`;
  // Brings an earlier restore to its end; that may have been this one.
  const lock = lockDataDirectory(dataDirectory);
  try {
    giveToOwner(join(dataDirectory, 'signalbox.lock'), dataDirectory);
    if (lock.restored?.what === what) return { manifest, ...asidesOf(lock.restored, dataDirectory) };
    const places = placesOf(manifest, dataDirectory, options.artifacts);
    const there = places.filter(({ to, kept }) => kept && existsSync(to)).map(({ to }) => to);
    if (there.length > 0 && !force) {
      throw new SignalboxError('SBX_RESTORE_WOULD_REPLACE', `there are ${there.join(', ')} already`);
    }
    const mounted = there.find(isMounted);
    if (mounted !== undefined) {
      throw new SignalboxError('SBX_RESTORE_WOULD_REPLACE', `${mounted} is mounted: it cannot be put aside`);
    }
    const drafts = [...new Set(places.map(place => dirname(place.from)))];
    try {
      for (const draft of drafts) await rm(draft, { recursive: true, force: true });
      for (const draft of drafts) makeHome(dirname(draft), dataDirectory);
      await copyProved(source, manifest, places);
      for (const draft of drafts) if (existsSync(draft)) giveToOwner(draft, dirname(draft));
    } catch (error) {
      for (const draft of drafts) await rm(draft, { recursive: true, force: true });
      throw error;
    }
    const replacement = { what, moves: movesOf(places, `before-restore-${stamp(now())}`), drafts };
    crashPoint('restore:ready');
    replaceData(dataDirectory, replacement, () => crashPoint('restore:moved'));
    return { manifest, ...asidesOf(replacement, dataDirectory) };
  } finally {
    lock.release();
  }
}

/** Where a part of the backup is copied to first, and where it belongs. */
interface Place {
  part: string;
  from: string;
  to: string;
  /** Whether it holds something of its own: the others are of no use without the database. */
  kept: boolean;
}

function placesOf(manifest: Manifest, dataDirectory: string, artifacts: ArtifactPlace): Place[] {
  const place = (directory: string, part: string, kept = true): Place => ({
    part,
    from: join(directory, DRAFT, part),
    to: join(directory, part),
    kept,
  });
  // What belongs to an old database would be taken for a part of the new one, so it goes first.
  const places = [`${DATABASE}-wal`, `${DATABASE}-shm`].map(part => place(dataDirectory, part, false));
  places.push(place(dataDirectory, DATABASE), place(dataDirectory, 'intake'));
  if (manifest.artifacts && 'directory' in artifacts) {
    places.push(...ARTIFACTS.map(part => place(artifacts.directory, part)));
  }
  return places;
}

function movesOf(places: readonly Place[], name: string): Replacement['moves'] {
  return places.map(({ part, from, to }) => {
    return { from: existsSync(from) ? from : null, to, aside: join(dirname(to), name, part) };
  });
}

function asidesOf({ moves }: Replacement, dataDirectory: string): Omit<Restored, 'manifest'> {
  const used = [...new Set(moves.map(move => dirname(move.aside)))].filter(directory => existsSync(directory));
  const aside = used.find(directory => dirname(directory) === dataDirectory) ?? null;
  return { aside, artifactsAside: used.find(directory => directory !== aside) ?? null };
}

/** Released files may have a directory of their own, which nobody has made yet. */
function makeHome(home: string, dataDirectory: string): void {
  if (existsSync(home)) return;
  makeDirectory(home, 0o700);
  giveToOwner(home, dataDirectory);
}

/** A directory that another disk is mounted on has no name that could be changed. */
function isMounted(path: string): boolean {
  return lstatSync(path).dev !== lstatSync(dirname(path)).dev;
}

async function copyProved(source: string, manifest: Manifest, places: readonly Place[]): Promise<void> {
  const draftOf = new Map(places.map(({ part, from }) => [part, from]));
  const directories = new Set<string>();
  for (const { path, bytes, sha256 } of manifest.files) {
    const [part = '', ...below] = path.split('/');
    const draft = draftOf.get(part);
    if (draft === undefined && isArtifact(path)) continue;
    if (draft === undefined) throw new SignalboxError('SBX_BACKUP_INVALID', `${path} is no part of a backup`);
    const target = join(draft, ...below);
    const copied = await copyFile(join(source, path), target).catch((cause: NodeJS.ErrnoException) => {
      throw new SignalboxError('SBX_BACKUP_INVALID', `${path} cannot be copied: ${cause.code}`, { cause });
    });
    for (let at = dirname(target); at.length >= dirname(dirname(draft)).length; at = dirname(at)) directories.add(at);
    if (copied.sha256 === sha256) continue;
    const found = copied.bytes === bytes ? 'other bytes than were backed up' : `${copied.bytes} bytes, not ${bytes}`;
    throw new SignalboxError('SBX_BACKUP_INVALID', `${path} has ${found}`);
  }
  const file = draftOf.get(DATABASE) ?? '';
  if (!existsSync(file)) throw new SignalboxError('SBX_BACKUP_INVALID', 'the backup has no database');
  const { rows, head } = await proveDatabase(file);
  if (rows !== manifest.journal.rows || head !== manifest.journal.head)
    throw new SignalboxError('SBX_BACKUP_INVALID', 'the journal ends elsewhere than when it was backed up');
  await signEverybodyOut(file);
  for (const directory of directories) await syncDirectory(directory);
}

/** Who has signed out since the backup must not be signed in again by it. */
async function signEverybodyOut(file: string): Promise<void> {
  const database = await openSqlite(file);
  try {
    await database.query.deleteFrom('documents').where('kind', 'in', ['session', 'sign-in-link']).execute();
  } finally {
    await database.close();
  }
}

/** As part of a name: 2026-11-28T12-30-00-125. */
function stamp(now: number): string {
  return new Date(now).toISOString().slice(0, 23).replaceAll(/[:.]/g, '-');
}
