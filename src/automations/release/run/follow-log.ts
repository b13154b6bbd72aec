import { watch } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

const CHUNK = 64 * 1024;
/** How often to look without being told: another process may write, and not every file system tells. */
const LOOK_AGAIN = 500;

export interface FollowOptions {
  file: string;
  /** Whether nothing more will be written; asked before each reading, so that what came last is read. */
  ended: () => Promise<boolean>;
  signal: AbortSignal;
}

/** The log of a run from its beginning, and what is added to it until the run ends. */
export async function* followLog({ file, ended, signal }: FollowOptions): AsyncGenerator<Buffer> {
  let at = 0;
  while (!signal.aborted) {
    const last = await ended();
    for (;;) {
      const chunk = await readAt(file, at);
      if (chunk.length === 0) break;
      at += chunk.length;
      yield chunk;
    }
    if (last) return;
    await changed(file, signal);
  }
}

async function readAt(file: string, at: number): Promise<Buffer> {
  const handle = await open(file, 'r').catch(() => null);
  if (!handle) return Buffer.alloc(0);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(CHUNK), 0, CHUNK, at);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function changed(file: string, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer);
      watcher?.close();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, LOOK_AGAIN);
    signal.addEventListener('abort', done, { once: true });
    let watcher: ReturnType<typeof watch> | undefined;
    try {
      watcher = watch(dirname(file), done);
      watcher.on('error', () => undefined);
    } catch {
      // The directory comes with the first line.
    }
  });
}
