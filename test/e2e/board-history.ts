import { pick, type Random } from './board-relay.ts';

export const COLUMNS = ['To Do', 'In Development', 'In Review', 'To Test', 'To Test 5.3', 'Testing'];
export const BRANCHES = ['main', 'release/5.3', 'release/5.4'];

/** What people do. Merge requests and issues are numbered within the history. */
export type Step =
  | { do: 'open'; mr: number; draft: boolean; target: string; issues: number[]; reverts: number | null }
  | { do: 'draft' | 'ready' | 'merge' | 'close' | 'reopen' | 'touch'; mr: number }
  | { do: 'retarget'; mr: number; target: string }
  | { do: 'edit'; mr: number; issues: number[] }
  | { do: 'person'; issue: number; column: string }
  | { do: 'shut' | 'unshut' | 'label'; issue: number };

export interface History {
  seed: number;
  /** The column of each issue at first. */
  starts: string[];
  steps: Step[];
}

const ISSUES = [0, 1];
const MOST = 3;

interface Sketch {
  state: 'opened' | 'closed' | 'merged';
  draft: boolean;
  reverts: number | null;
  issues: number[];
  /** Issues that it spoke of once and does not any more. */
  left: Set<number>;
}

/**
 * A history of two issues and up to three merge requests in which every step can be taken. Two things do not happen in it, for
 * GitLab keeps no earlier descriptions, and so nobody can tell afterwards what was said when:
 * - a reference that was taken out of a merge request is not put back into it
 * - with `closes`, what a merged merge request says is not edited, for it says why the issue was closed
 */
export function drawHistory(seed: number, random: Random, { closes }: { closes: boolean }): History {
  const mergeRequests: Sketch[] = [];
  const shut = new Set<number>();
  const steps: Step[] = [];
  const length = 6 + Math.floor(random() * 10);
  while (steps.length < length) {
    const step = drawStep(random, mergeRequests, shut);
    if (!step || (closes && step.do === 'edit' && mergeRequests[step.mr]?.state === 'merged')) continue;
    apply(step, mergeRequests, shut);
    steps.push(step);
  }
  // What a closed issue would have become is seen when it is opened again.
  for (const issue of shut) steps.push({ do: 'unshut', issue });
  return { seed, starts: ISSUES.map(() => pick(random, ['To Do', 'To Do', 'In Development', 'Testing'])), steps };
}

function drawStep(random: Random, all: readonly Sketch[], shut: ReadonlySet<number>): Step | null {
  const what = pick(random, KINDS);
  const some = () => ISSUES.filter(() => random() < 0.6);
  if (what === 'open') {
    if (all.length === MOST) return null;
    const merged = all.flatMap((each, mr) => (each.state === 'merged' && each.reverts === null ? [mr] : []));
    const reverts = merged.length > 0 && random() < 0.4 ? pick(random, merged) : null;
    const draft = random() < 0.3;
    return { do: what, mr: all.length, draft, target: pick(random, BRANCHES), issues: some(), reverts };
  }
  if (what === 'person') return { do: what, issue: pick(random, ISSUES), column: pick(random, COLUMNS) };
  if (what === 'shut' || what === 'unshut' || what === 'label') {
    const issue = pick(random, ISSUES);
    return what !== 'label' && shut.has(issue) === (what === 'shut') ? null : { do: what, issue };
  }
  const mr = Math.floor(random() * all.length);
  const one = all[mr];
  if (!one) return null;
  const { state, draft } = one;
  if (what === 'edit') return { do: what, mr, issues: some().filter(issue => !one.left.has(issue)) };
  if (what === 'touch') return { do: what, mr };
  if (what === 'reopen') return state === 'closed' ? { do: what, mr } : null;
  if (state !== 'opened') return null;
  if (what === 'retarget') return { do: what, mr, target: pick(random, BRANCHES) };
  if (what === 'merge') return draft ? null : { do: what, mr };
  return (what === 'draft' && draft) || (what === 'ready' && !draft) ? null : { do: what, mr };
}

const KINDS =
  'open open merge merge merge close close reopen reopen edit edit person person person draft ready ready retarget touch shut unshut unshut label'.split(
    ' ',
  ) as Step['do'][];

function apply(step: Step, all: Sketch[], shut: Set<number>): void {
  if (step.do === 'open') {
    const { draft, reverts, issues } = step;
    all.push({ state: 'opened', draft, reverts, issues, left: new Set() });
  }
  if (step.do === 'shut') shut.add(step.issue);
  if (step.do === 'unshut') shut.delete(step.issue);
  const one = 'mr' in step ? all[step.mr] : undefined;
  if (!one) return;
  if (step.do === 'edit') {
    for (const issue of one.issues) if (!step.issues.includes(issue)) one.left.add(issue);
    one.issues = step.issues;
  }
  if (step.do === 'merge') one.state = 'merged';
  if (step.do === 'close') one.state = 'closed';
  if (step.do === 'reopen') one.state = 'opened';
  if (step.do === 'draft' || step.do === 'ready') one.draft = step.do === 'draft';
}
