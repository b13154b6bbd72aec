import { queuedRun, type ReleaseDocument, type ReleaseRun, type RunState } from '../model.ts';
import type { ScriptEnd } from '../run/run-script.ts';
import { type AfterRun, afterRun, type RetryRules } from './after-run.ts';

/**
 * The release with this run started, or null when it is not queued any more: somebody else has started it, or a person
 * has withdrawn the release.
 */
export function startRun(
  release: ReleaseDocument,
  attempt: number,
  start: { runId: string; log: string; runner: string | null; at: number },
): ReleaseDocument | null {
  const run = release.runs.find(each => each.attempt === attempt);
  if (run?.state !== 'queued') return null;
  const { runId, log, runner, at } = start;
  return withRun(release, { ...run, state: 'running', runId, log, runner, startedAt: at });
}

export interface EndedRun {
  release: ReleaseDocument;
  run: ReleaseRun;
  after: AfterRun;
}

/**
 * The release with this run ended, and queued again where the rules say so; null when it is not this start's any more:
 * an owner that stood still must not speak for the one that came after it.
 */
export function endRun(
  release: ReleaseDocument,
  attempt: number,
  runId: string,
  end: Pick<ScriptEnd, 'how' | 'exit' | 'signal'>,
  rules: RetryRules,
  now: number,
): EndedRun | null {
  const run = release.runs.find(each => each.attempt === attempt);
  if (run?.state !== 'running' || run.runId !== runId) return null;
  const after = afterRun(end, triesSoFar(release, run), rules, now);
  const state: RunState = after.end === 'put_off' ? 'failed' : after.end;
  const ended: ReleaseRun = { ...run, state, endedAt: now, exit: end.exit, signal: end.signal };
  let changed = withRun(release, ended);
  if (after.retryAt !== null)
    changed = queueRun(changed, { ...purposeOf(run), queuedAt: now, notBefore: after.retryAt });
  return { release: changed, run: ended, after };
}

/** The release with one more run. */
export function queueRun(
  release: ReleaseDocument,
  run: Pick<ReleaseRun, 'environment' | 'how' | 'by' | 'why' | 'queuedAt'> & Partial<ReleaseRun>,
): ReleaseDocument {
  const attempt = Math.max(0, ...release.runs.map(each => each.attempt)) + 1;
  return { ...release, state: 'queued', runs: [...release.runs, queuedRun({ ...run, attempt })] };
}

/** What a run is for stays the same when it is tried again. */
function purposeOf({ environment, how, by, why }: ReleaseRun) {
  return { environment, how, by, why };
}

/** This run and those before it for the same purpose, without a person's word in between. */
function triesSoFar(release: ReleaseDocument, run: ReleaseRun): number {
  const same = release.runs.filter(
    each => each.attempt <= run.attempt && each.environment === run.environment && each.how === run.how,
  );
  return same.length;
}

function withRun(release: ReleaseDocument, run: ReleaseRun): ReleaseDocument {
  const runs = release.runs.map(each => (each.attempt === run.attempt ? run : each));
  return { ...release, runs, state: runs.at(-1)?.state ?? release.state };
}
