import { type FileHandle, open, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunLog, type RunLogOptions } from './run-log.ts';

/** How often to look for more, ms. */
const PAUSE = 50;
const CHUNK = 64 * 1024;
/** Once the log keeps nothing but its end, what was read is given back to the disk in steps of this, bytes. */
const GIVE_BACK = 8 * 1024 * 1024;

/**
 * Where a script's output goes before it is cleaned: a file of its own that only the service may read, and no pipe, so
 * that a script whose watcher was killed can go on writing. It is gone when the run has ended.
 */
export function rawOutput(logFile: string): string {
  return `${logFile}.raw`;
}

/** Copies the raw output into the log as it grows; once `over` says so, to its end. */
export async function copyOutput(raw: FileHandle, log: RunLog, over: AbortSignal): Promise<void> {
  const buffer = Buffer.alloc(CHUNK);
  let at = 0;
  for (;;) {
    const last = over.aborted;
    for (;;) {
      const { bytesRead } = await raw.read(buffer, 0, CHUNK, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      await log.write(buffer.subarray(0, bytesRead));
      if (!log.full || at < GIVE_BACK || (await raw.stat()).size > at) continue;
      // The script appends, so it goes on at the beginning.
      await raw.truncate(0);
      at = 0;
    }
    if (last) return;
    await sleep(PAUSE, undefined, { signal: over }).catch(() => undefined);
  }
}

/** Makes the log of a run that nobody watched to its end: all of its output, once more from the beginning. */
export async function recoverLog(options: RunLogOptions, note: string): Promise<void> {
  const raw = await open(rawOutput(options.file), 'r+').catch(() => null);
  if (!raw) return;
  const log = await RunLog.open(options);
  try {
    await copyOutput(raw, log, AbortSignal.abort());
    await log.note(note);
  } finally {
    await log.close();
    await raw.close();
  }
  await rm(rawOutput(options.file), { force: true });
}
