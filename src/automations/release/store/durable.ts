import { constants, type FileHandle, open } from 'node:fs/promises';
import { SignalboxError } from '../../../errors.ts';

/** Writes a whole new file and puts it on disk. */
export async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, constants.O_CREAT | constants.O_TRUNC | constants.O_WRONLY, 0o640);
  try {
    await writeWhole(handle, Buffer.from(text), 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Puts a directory's entries on disk: without it a new or renamed name may be gone after a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** One write call may take less than it is given. */
export async function writeWhole(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** A failed write in the words of the table; the path stays out of it. */
export function asStorageError(cause: unknown): SignalboxError {
  if (cause instanceof SignalboxError) return cause;
  const { code, syscall } = cause as NodeJS.ErrnoException;
  if (FULL.has(code ?? '')) return new SignalboxError('SBX_RELEASE_NO_SPACE', 'the disk is full', { cause });
  return new SignalboxError('SBX_RELEASE_NOT_STORED', `${syscall ?? 'storing'} failed (${code ?? 'unknown'})`, {
    cause,
  });
}
