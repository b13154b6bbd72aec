import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SignalboxError } from '../errors.ts';
import { makeDirectory } from '../make-directory.ts';
import { finishReplacement, type Replacement } from './replace-data.ts';

/** A held lock; `release` gives it back. The kernel gives it back when the process dies, however it dies. */
export interface DataDirectoryLock {
  /** A restore that was interrupted, and has been brought to its end just now. */
  restored: Replacement | null;
  release(): void;
}

/** SQLite's code for a lock that somebody else holds. */
const BUSY = 5;

/**
 * Makes this process the one owner of a data directory. SQLite's own file lock serves, since Node has none: an
 * exclusive transaction on a small file, held open. A restore that was interrupted is brought to its end first.
 *
 * @throws SignalboxError SBX_DATA_DIRECTORY_IN_USE, SBX_DATA_DIRECTORY_UNUSABLE, SBX_RESTORE_UNFINISHED
 */
export function lockDataDirectory(directory: string): DataDirectoryLock {
  let lock: DatabaseSync;
  try {
    makeDirectory(directory, 0o750);
    lock = new DatabaseSync(join(directory, 'signalbox.lock'), { timeout: 0 });
  } catch (cause) {
    throw new SignalboxError('SBX_DATA_DIRECTORY_UNUSABLE', `${directory}: ${(cause as Error).message}`, { cause });
  }
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    const { errcode, message } = cause as Error & { errcode?: number };
    if (errcode === BUSY) throw new SignalboxError('SBX_DATA_DIRECTORY_IN_USE', directory, { cause });
    throw new SignalboxError('SBX_DATA_DIRECTORY_UNUSABLE', `${directory}: ${message}`, { cause });
  }
  try {
    return { restored: finishReplacement(directory), release: () => lock.close() };
  } catch (error) {
    lock.close();
    throw error;
  }
}
