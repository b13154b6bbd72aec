import { open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineLog } from '../../../engine/log.ts';
import type { Bucket } from '../store/bucket.ts';
import { dropUnused } from '../store/local-copies.ts';
import type { FollowOptions } from './follow-log.ts';
import { directoryLogs, logName, type RunLogs, type RunName } from './run-logs.ts';

/** How often a running log is copied, and looked for, ms. */
const PAUSE = 2000;
const LARGEST_PIECE = 512 * 1024;

/**
 * Logs that are written on the machine that runs the script, and copied piece by piece into the bucket:
 * `runs/<product>/<version>/<attempt>.log/<number>`. A piece is never changed, so a reader goes on where it was.
 */
export function bucketLogs(bucket: Bucket, directory: string, log: EngineLog): RunLogs {
  const here = directoryLogs(directory);
  return {
    fileOf: run => here.fileOf(run),
    share: run => share(bucket, here.fileOf(run), run, log),
    follow: async function* (run, options) {
      const mine = await stat(here.fileOf(run)).catch(() => null);
      yield* mine ? here.follow(run, options) : followPieces(bucket, run, options);
    },
    remove: async (product, version) => {
      await here.remove(product, version);
      await dropUnused(directory, `1.log`);
      for (const { key } of await bucket.list(`runs/${product}/${version}/`)) await bucket.remove(key);
    },
  };
}

function pieceKey(run: RunName, number: number): string {
  return `runs/${logName(run)}/${String(number).padStart(6, '0')}`;
}

function share(bucket: Bucket, file: string, run: RunName, log: EngineLog): () => Promise<void> {
  const over = new AbortController();
  let at = 0;
  let number = 0;
  const copy = async (whole: boolean) => {
    for (let piece = await nextPiece(file, at, whole); piece.length > 0; piece = await nextPiece(file, at, whole)) {
      await bucket.putText(pieceKey(run, number), piece.toString());
      at += piece.length;
      number += 1;
    }
  };
  // A log that cannot be copied decides nothing about the release.
  const trying = (whole: boolean) =>
    copy(whole).catch((error: unknown) =>
      log.warn('a log could not be copied', { log: logName(run), error: String(error) }),
    );
  const copying = (async () => {
    while (!over.signal.aborted) {
      await sleep(PAUSE, undefined, { signal: over.signal }).catch(() => undefined);
      if (!over.signal.aborted) await trying(false);
    }
  })();
  return async () => {
    over.abort();
    await copying;
    await trying(true);
  };
}

/** Whole lines as long as more may come, so that no character is cut in two. */
async function nextPiece(file: string, at: number, whole: boolean): Promise<Buffer> {
  const handle = await open(file, 'r').catch(() => null);
  if (!handle) return Buffer.alloc(0);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(LARGEST_PIECE), 0, LARGEST_PIECE, at);
    const end = buffer.lastIndexOf(10, bytesRead - 1) + 1;
    const cut = bytesRead === 0 || (end === 0 && (whole || bytesRead === LARGEST_PIECE)) ? bytesRead : end;
    return buffer.subarray(0, whole && bytesRead < LARGEST_PIECE ? bytesRead : cut);
  } finally {
    await handle.close();
  }
}

async function* followPieces(
  bucket: Bucket,
  run: RunName,
  { ended, signal }: Omit<FollowOptions, 'file'>,
): AsyncGenerator<Buffer> {
  let number = 0;
  while (!signal.aborted) {
    const last = await ended();
    for (;;) {
      const text = await bucket.readText(pieceKey(run, number));
      if (text === null) break;
      number += 1;
      yield Buffer.from(text);
    }
    if (last) return;
    await sleep(PAUSE, undefined, { signal }).catch(() => undefined);
  }
}
