import { readFile, stat } from 'node:fs/promises';
import { SignalboxError } from '../../errors.ts';
import { judgeWal } from './judge-wal.ts';

/**
 * Looks at the files before SQLite does: an empty database it takes for a new one, and a damaged write-ahead log for its end. Nothing is
 * changed.
 *
 * @returns whether an earlier owner was cut off and has left a write-ahead log
 * @throws SignalboxError SBX_DATABASE_DAMAGED, SBX_DATABASE_UNWRITABLE
 */
export async function checkFiles(file: string): Promise<boolean> {
  const log = await readFile(`${file}-wal`).catch(missing);
  if (log === null || log.length === 0) return false;
  const size = await stat(file).then(found => found.size, missing);
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

function missing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw new SignalboxError('SBX_DATABASE_UNWRITABLE', error.message, { cause: error });
}
