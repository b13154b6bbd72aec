import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SignalboxError } from '../../errors.ts';
import { lockDataDirectory } from '../../storage/lock-data-directory.ts';
import { openSqlite } from '../../storage/sqlite/open-sqlite.ts';
import { copyFile, syncDirectory } from './copy-file.ts';
import { ARTIFACTS, DATABASE, type Manifest, readManifest } from './manifest.ts';
import { proveDatabase } from './prove-database.ts';

export interface RestoreOptions {
  dataDirectory: string;
  /** What `writeBackup` has written. */
  source: string;
  /** Puts data that is there aside, instead of refusing. */
  force: boolean;
  now: () => number;
}

export interface Restored {
  manifest: Manifest;
  /** Where the data that was there is now; null where there was none. */
  aside: string | null;
}

/**
 * Puts a backup in the place of a data directory. Everything is copied and proved beside the old data first, and put in place
 * by renaming; a running service, or data that is there, makes it refuse.
 *
 * @throws SignalboxError SBX_BACKUP_INVALID, SBX_DATABASE_DAMAGED, SBX_RESTORE_WOULD_REPLACE, SBX_DATA_DIRECTORY_IN_USE
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { force, now } = options;
  const source = resolve(options.source);
  const dataDirectory = resolve(options.dataDirectory);
  const manifest = await readManifest(source);
  const lock = lockDataDirectory(dataDirectory);
  const draft = join(dataDirectory, 'restore.unfinished');
  try {
    const parts = [DATABASE, 'intake', ...(manifest.artifacts ? ARTIFACTS : [])];
    const there = parts.filter(part => existsSync(join(dataDirectory, part)));
    if (there.length > 0 && !force) {
      throw new SignalboxError('SBX_RESTORE_WOULD_REPLACE', `${dataDirectory} has ${there.join(', ')} already`);
    }
    await rm(draft, { recursive: true, force: true });
    await copyProved(source, draft, manifest);
    const aside = there.length > 0 ? join(dataDirectory, `before-restore-${stamp(now())}`) : null;
    if (aside !== null) await mkdir(aside, { mode: 0o700 });
    // What belongs to an old database would be taken for a part of the new one.
    for (const part of [`${DATABASE}-wal`, `${DATABASE}-shm`, ...parts]) {
      const old = join(dataDirectory, part);
      if (existsSync(old)) await rename(old, aside === null ? join(draft, `old-${part}`) : join(aside, part));
      const restored = join(draft, part);
      if (existsSync(restored)) await rename(restored, old);
    }
    await rm(draft, { recursive: true, force: true });
    await syncDirectory(dataDirectory);
    return { manifest, aside };
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  } finally {
    lock.release();
  }
}

async function copyProved(source: string, draft: string, manifest: Manifest): Promise<void> {
  for (const { path, bytes, sha256 } of manifest.files) {
    const copied = await copyFile(join(source, path), join(draft, path)).catch((cause: NodeJS.ErrnoException) => {
      throw new SignalboxError('SBX_BACKUP_INVALID', `${path} cannot be copied: ${cause.code}`, { cause });
    });
    if (copied.sha256 === sha256) continue;
    const found = copied.bytes === bytes ? 'other bytes than were backed up' : `${copied.bytes} bytes, not ${bytes}`;
    throw new SignalboxError('SBX_BACKUP_INVALID', `${path} has ${found}`);
  }
  const file = join(draft, DATABASE);
  if (!existsSync(file)) throw new SignalboxError('SBX_BACKUP_INVALID', 'the backup has no database');
  const { rows, head } = await proveDatabase(file);
  if (rows !== manifest.journal.rows || head !== manifest.journal.head)
    throw new SignalboxError('SBX_BACKUP_INVALID', 'the journal ends elsewhere than when it was backed up');
  await signEverybodyOut(file);
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

/** As part of a name: 2026-11-28T12-30-00. */
function stamp(now: number): string {
  return new Date(now).toISOString().slice(0, 19).replaceAll(':', '-');
}
