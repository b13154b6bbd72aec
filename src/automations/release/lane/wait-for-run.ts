import type { Documents } from '../../../engine/documents/documents.ts';
import { SignalboxError } from '../../../errors.ts';
import { RELEASE, type ReleaseDocument, type ReleaseRun, releaseId, type WaitForRun } from '../model.ts';
import { newestRun } from '../newest-run.ts';

export interface RunWatch {
  wait: WaitForRun;
  /** A run of this release has ended in this process. */
  ended: (product: string, version: string) => void;
}

/** How often to look for what another process has ended, ms. */
const LOOK_AGAIN = 1000;

/** Waits for the end of runs: told at once of those that end in this process, and looking for all others. */
export function watchRuns(documents: Documents): RunWatch {
  const waiting = new Map<string, Set<() => void>>();

  async function wait(product: string, version: string, attempt: number, signal?: AbortSignal): Promise<ReleaseRun> {
    const id = releaseId(product, version);
    for (;;) {
      const next = nextNews(id, signal);
      const stored = await documents.read<ReleaseDocument>(RELEASE, id);
      if (!stored) throw new SignalboxError('SBX_RELEASE_NOT_FOUND', id);
      const run = newestRun(stored.body.runs, attempt);
      if (run && run.state !== 'queued' && run.state !== 'running') return run;
      await next;
      signal?.throwIfAborted();
    }
  }

  function nextNews(id: string, signal?: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const those = waiting.get(id) ?? new Set();
      waiting.set(id, those);
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        those.delete(done);
        if (those.size === 0) waiting.delete(id);
        resolve();
      };
      const timer = setTimeout(done, LOOK_AGAIN).unref();
      signal?.addEventListener('abort', done, { once: true });
      those.add(done);
    });
  }

  return {
    wait,
    ended: (product, version) => {
      for (const tell of waiting.get(releaseId(product, version)) ?? []) tell();
    },
  };
}
