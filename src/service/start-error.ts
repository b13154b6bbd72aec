import { SignalboxError } from '../errors.ts';

const DISK = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOTDIR', 'EMFILE', 'ENFILE']);

/** What the disk says at the start gets a code that people can look up; everything else stays as it is. */
export function startError(error: unknown, dataDirectory: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof SignalboxError || !DISK.has(code ?? '')) return error;
  return new SignalboxError('SBX_DATA_DIRECTORY_UNUSABLE', `${dataDirectory}: ${message}`, { cause: error });
}
