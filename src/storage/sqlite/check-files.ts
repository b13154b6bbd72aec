import { readFileSync, statSync } from 'node:fs';
import { SignalboxError } from '../../errors.ts';
import { judgeWal } from './judge-wal.ts';

/**
 * Looks at the files before SQLite does: an empty database it takes for a new one, and a damaged write-ahead log for its end. Nothing is
 * changed. At once, without a turn of the event loop: nothing else runs before there is a database, and its thread starts while the rest
 * is loaded.
 *
 * @returns whether an earlier owner was cut off and has left a write-ahead log
 * @throws SignalboxError SBX_DATABASE_DAMAGED, SBX_DATABASE_UNWRITABLE
 */
export function checkFiles(file: string): boolean {
  const log = unlessMissing(() => readFileSync(`${file}-wal`));
  if (log === null || log.length === 0) return false;
  const size = unlessMissing(() => statSync(file).size);
  if (size === null || size === 0) {
    throw damaged(`it is ${size === null ? 'missing' : 'empty'}, and ${file}-wal, which belongs to it, is not`);
  }
  const verdict = judgeWal(log);
  if (verdict.damaged) throw damaged(`its write-ahead log ${file}-wal: ${verdict.because}`);
  return true;
}

function damaged(detail: string): SignalboxError {
  return new SignalboxError('SBX_DATABASE_DAMAGED', detail);
}

function unlessMissing<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new SignalboxError('SBX_DATABASE_UNWRITABLE', message, { cause: error });
  }
}
