import type { ScriptEnd } from '../run/run-script.ts';

/** How a run of the script ended, as people see it. */
export type RunEnd = 'released' | 'failed' | 'timed_out' | 'interrupted' | 'put_off';

/** What follows from it. */
export interface AfterRun {
  end: RunEnd;
  /** When to run the script again, or null. */
  retryAt: number | null;
  because: string;
}

export interface RetryRules {
  /** Runs after which nothing is tried again by itself. */
  attempts: number;
  onInterrupt: 'retry' | 'fail';
}

/** sysexits.h, EX_TEMPFAIL: try later. */
const TRY_LATER = 75;
const FIRST_WAIT = 30_000;
const LONGEST_WAIT = 30 * 60_000;

/** What a script's end means: only exit 0, in time and on its own, is a release. */
export function afterRun(
  end: Pick<ScriptEnd, 'how' | 'exit' | 'signal'>,
  attempt: number,
  rules: RetryRules,
  now: number,
): AfterRun {
  const left = attempt < rules.attempts;
  if (end.how === 'timed_out') return { end: 'timed_out', retryAt: null, because: 'the script took too long' };
  if (end.how === 'interrupted') {
    const again = rules.onInterrupt === 'retry' && left;
    const because = again ? 'the run was cut off; it is run again' : 'the run was cut off; a person has to decide';
    return { end: 'interrupted', retryAt: again ? now : null, because };
  }
  if (end.how === 'killed') return { end: 'failed', retryAt: null, because: `the script was killed by ${end.signal}` };
  if (end.exit === 0) return { end: 'released', retryAt: null, because: 'the script ended with 0' };
  if (end.exit !== TRY_LATER) return { end: 'failed', retryAt: null, because: `the script ended with ${end.exit}` };
  if (!left) return { end: 'failed', retryAt: null, because: `the script asked ${attempt} times to be tried later` };
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1));
  return { end: 'put_off', retryAt: now + wait, because: `the script asked to be tried later (exit ${TRY_LATER})` };
}
