import { existsSync } from 'node:fs';
import { chmod, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { SignalboxError } from '../../errors.ts';
import { makeDirectory } from '../../make-directory.ts';
import { lockDataDirectory } from '../../storage/lock-data-directory.ts';
import { hasReplacement } from '../../storage/replace-data.ts';
import { copyFile, copyOpen, digestFile, filesBelow, syncDirectory } from './copy-file.ts';
import { ARTIFACTS, DATABASE, MANIFEST, type Manifest } from './manifest.ts';
import { proveDatabase } from './prove-database.ts';

export interface BackupOptions {
  dataDirectory: string;
  /** A new directory, or an empty one. */
  target: string;
  /** The directory with the released files, to take them along. */
  artifacts: string | null;
  now: () => number;
}

/**
 * Writes a backup that holds everything acknowledged before it began, while the service runs or not. The parts of the intake
 * log are opened first and the database is copied after that: what the service reads meanwhile is in the database, and
 * what it has not read is in the parts that are held open, even when it deletes them.
 *
 * @throws SignalboxError SBX_BACKUP_NOT_WRITTEN, SBX_DATA_DIRECTORY_UNUSABLE by this user, SBX_DATABASE_DAMAGED, SBX_DATA_DIRECTORY_IN_USE by a restore
 */
export async function writeBackup(options: BackupOptions): Promise<Manifest> {
  const { dataDirectory, artifacts, now } = options;
  const target = resolve(options.target);
  await assertReadable(dataDirectory);
  // A part of the old data and a part of the restored are no moment of anything.
  if (hasReplacement(dataDirectory)) lockDataDirectory(dataDirectory).release();
  if (!existsSync(join(dataDirectory, DATABASE)))
    throw new SignalboxError('SBX_BACKUP_NOT_WRITTEN', `${dataDirectory} has no database`);
  await assertEmpty(target);
  // Under another name until it is whole: what is called a backup can be restored.
  const draft = `${target}.unfinished`;
  await rm(draft, { recursive: true, force: true });
  try {
    makeDirectory(draft, 0o700);
    const files = await copyLogAround(dataDirectory, draft, () => copyDatabase(dataDirectory, draft));
    const journal = await proveDatabase(join(draft, DATABASE));
    files.push({ path: DATABASE, ...(await digestFile(join(draft, DATABASE))) });
    if (artifacts !== null) files.push(...(await copyArtifacts(artifacts, draft)));
    const at = new Date(now()).toISOString();
    const manifest: Manifest = { format: 1, at, files, journal, artifacts: artifacts !== null };
    await writeFile(join(draft, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
    await syncDirectory(draft);
    await rm(target, { recursive: true, force: true });
    await rename(draft, target);
    await syncDirectory(dirname(target));
    return manifest;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (error instanceof SignalboxError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new SignalboxError('SBX_BACKUP_NOT_WRITTEN', `${target}: ${code ?? message}`, { cause: error });
  }
}

async function assertReadable(dataDirectory: string): Promise<void> {
  for (const name of [DATABASE, 'intake']) {
    const path = join(dataDirectory, name);
    const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EACCES') return undefined;
      const detail = `${path} may not be read by this user: run this as the user of the service, with sudo -u USER signalbox backup …`;
      throw new SignalboxError('SBX_DATA_DIRECTORY_UNUSABLE', detail, { cause: error });
    });
    await handle?.close();
  }
}

async function assertEmpty(target: string): Promise<void> {
  const there = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new SignalboxError('SBX_BACKUP_NOT_WRITTEN', `${target}: ${error.code}`, { cause: error });
  });
  if (there.length > 0) throw new SignalboxError('SBX_BACKUP_NOT_WRITTEN', `${target} is not empty`);
}

/** Opens the parts of the intake log, copies the database, and then the log from the open files. */
async function copyLogAround(
  dataDirectory: string,
  draft: string,
  copyTheDatabase: () => Promise<void>,
): Promise<Manifest['files']> {
  const directory = join(dataDirectory, 'intake');
  const held: { path: string; handle: Awaited<ReturnType<typeof open>> }[] = [];
  try {
    for (const name of (await readdir(directory)).filter(each => each === 'id' || each.endsWith('.log'))) {
      const handle = await open(join(directory, name), 'r').catch(gone);
      if (handle) held.push({ path: `intake/${name}`, handle });
    }
    await copyTheDatabase();
    const files: Manifest['files'] = [];
    // With what was written meanwhile: the database may have read it already, and then knows a place in it.
    for (const { path, handle } of held) files.push({ path, ...(await copyOpen(handle, join(draft, path))) });
    return files;
  } finally {
    for (const { handle } of held) await handle.close();
  }
}

/** Deleted in between. Of a part of the intake log: read to its end, so that its deliveries are in the database. */
function gone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

const ALL_PAGES = 2 ** 31 - 1;

/** SQLite's own online backup, in one step: one moment of the database, whoever writes to it meanwhile. */
async function copyDatabase(dataDirectory: string, draft: string): Promise<void> {
  const lock = tryLock(dataDirectory);
  // Beside a running service it is only read; without one, what a crash has left is brought in first.
  const database = new DatabaseSync(join(dataDirectory, DATABASE), { readOnly: lock === null, timeout: 5000 });
  try {
    const file = join(draft, DATABASE);
    await backup(database, file, { rate: ALL_PAGES });
    await chmod(file, 0o600);
  } finally {
    database.close();
    lock?.release();
  }
}

function tryLock(dataDirectory: string) {
  try {
    return lockDataDirectory(dataDirectory);
  } catch (error) {
    if (error instanceof SignalboxError && error.code === 'SBX_DATA_DIRECTORY_IN_USE') return null;
    throw error;
  }
}

async function copyArtifacts(directory: string, draft: string): Promise<Manifest['files']> {
  const files: Manifest['files'] = [];
  for (const name of ARTIFACTS) {
    for (const below of await filesBelow(join(directory, name))) {
      // What is being received, or has been thrown away, begins with a dot.
      if (below.startsWith('.')) continue;
      const path = `${name}/${below}`;
      // What is not kept any longer may go in between.
      const copied = await copyFile(join(directory, path), join(draft, path)).catch(gone);
      if (copied) files.push({ path, ...copied });
    }
  }
  return files;
}
