import type { Decision, PlannedAction } from '../../../engine/automation.ts';
import { compareVersions } from '../version.ts';

/** One run of the release script that has not ended. */
export interface OpenRun {
  version: string;
  environment: string;
  /** Counts the runs of this release, from 1; a later one replaces an earlier. */
  attempt: number;
  state: 'queued' | 'running';
  queuedAt: number;
  /** Not to be started earlier: the script has asked for a pause. */
  notBefore: number;
}

/** What a look at `lane:<product>` sees. Nobody else runs a script of this product meanwhile: the key has one worker. */
export interface LaneFacts {
  product: string;
  open: OpenRun[];
}

export interface LaneAction extends PlannedAction {
  type: 'run' | 'interrupted';
  version: string;
  environment: string;
  attempt: number;
}

/**
 * One script at a time, in the order in which the releases came. A run that is called running when we come here has no
 * process that watches it: whoever started it is gone.
 */
export function decide(facts: LaneFacts, now: number): Decision<LaneAction> {
  const orphans = facts.open.filter(run => run.state === 'running');
  const queued = facts.open.filter(run => run.state === 'queued').toSorted(inOrder);
  const ready = queued.filter(run => run.notBefore <= now);
  const next = ready[0];
  const actions = orphans.map(run => toAction('interrupted', run, 'end what is left of'));
  if (next) actions.push(toAction('run', next, 'run the script for'));

  const later = queued.filter(run => run.notBefore > now).map(run => run.notBefore);
  // What is performed has the lane looked at again when it is over; in a dry run nothing is, and looking at once would never end.
  const lookAgainAt = Math.min(...later);
  return {
    verdict: verdict(next, orphans, queued),
    because: because(facts, orphans, ready, queued),
    actions,
    ...(Number.isFinite(lookAgainAt) ? { lookAgainAt } : {}),
  };
}

function inOrder(a: OpenRun, b: OpenRun): number {
  return a.queuedAt - b.queuedAt || compareVersions(a.version, b.version) || a.attempt - b.attempt;
}

function toAction(type: LaneAction['type'], { version, environment, attempt }: OpenRun, does: string): LaneAction {
  return { type, version, environment, attempt, summary: `${does} ${version} in ${environment}, attempt ${attempt}` };
}

function verdict(next: OpenRun | undefined, orphans: OpenRun[], queued: OpenRun[]): string {
  if (next) return `running ${next.version} in ${next.environment}`;
  if (orphans.length > 0) return `interrupted: ${orphans.map(run => run.version).join(', ')}`;
  return queued.length > 0 ? `waiting to try ${queued.map(run => run.version).join(', ')} again` : 'nothing to run';
}

function because(facts: LaneFacts, orphans: OpenRun[], ready: OpenRun[], queued: OpenRun[]): string[] {
  const reasons = [`${facts.product} has ${queued.length} queued, ${orphans.length} running`];
  if (orphans.length > 0) reasons.push('a run is called running, and nobody watches it any more');
  if (ready.length > 1) reasons.push(`${ready.length - 1} wait for the script: one at a time`);
  const waiting = queued.length - ready.length;
  if (waiting > 0) reasons.push(`${waiting} were put off by their script (exit 75)`);
  return reasons;
}
