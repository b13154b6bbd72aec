import type { PlannedAction } from '../../../engine/automation.ts';
import type { JobFacts } from '../facts.ts';
import { reportOf, type TagReport } from '../report.ts';
import type { Decision } from '../snapshot.ts';
import type { TagJobAnswer } from './jobs.ts';

/** Tells CI jobs, by their ids, what has become of their commit. */
export type AnswerAction = PlannedAction & {
  type: 'answer';
  branch: string;
  commit: string;
  jobs: string[];
  answer: TagJobAnswer;
};

/** However many jobs come one after the other, none lets others go first for longer, ms. */
const MOST_WAIT = 60_000;

/** Until when these jobs wait for those of earlier commits: as long as some get on, and for a minute in all. */
export function patienceOf(jobs: readonly JobFacts[]): number {
  const first = Math.min(...jobs.map(({ requestedAt }) => requestedAt));
  const last = Math.max(...jobs.map(({ requestedAt, wait }) => requestedAt + wait));
  return Math.min(last, first + MOST_WAIT);
}

/** The answer to jobs of one commit, to be given when its tags are there. */
export function planAnswer(branch: string, commit: string, jobs: string[], reports: TagReport[]): AnswerAction {
  const summary = `tell ${jobs.length === 1 ? 'the job' : `${jobs.length} jobs`} of ${commit.slice(0, 10)}`;
  return { type: 'answer', summary, branch, commit, jobs, answer: { reports } };
}

/** The answer to jobs whose commit cannot be looked at. */
export function refuseJobs(jobs: readonly JobFacts[]): AnswerAction[] {
  return jobs.map(({ id, branch, commit, fault }) => {
    const nothing = { tag: null, base: null, bump: null, containedIn: null, warnings: [] };
    const decision: Decision = { action: 'refuse', commit, reasons: [fault ?? ''], ...nothing };
    const report = reportOf({ module: null, decision, created: false, way: null });
    return planAnswer(branch, commit, [id], [report]);
  });
}
