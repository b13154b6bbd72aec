import type { Step } from './board-history.ts';

/** Columns that the rules of the test let an issue leave. */
const LEAVABLE = ['To Do', 'In Development', 'In Review', 'To Test', 'To Test 5.3'];

interface Known {
  state: string;
  draft: boolean;
  target: string;
  issues: number[];
  reverts: number | null;
  mergedAt: number;
}

/** What people did to an issue. */
export interface Played {
  start: string;
  steps: readonly Step[];
  issue: number;
  mergedWhen: 'all' | 'any';
}

/**
 * Where an issue has to end, written from the sentences of docs/board.md, one after the other, and sharing nothing with the
 * code. It knows no dates and no looks: only that one step came before another.
 */
export function columnInTheEnd({ start, steps, issue, mergedWhen }: Played): string {
  const all: Known[] = [];
  let wish = 'previous';
  let wishedAt = -1;
  let movedAt = -1;
  let put = start;
  for (const [at, step] of steps.entries()) {
    if (step.do === 'open') all.push({ ...step, state: 'open', mergedAt: -1 });
    if (step.do === 'person' && step.issue === issue) {
      movedAt = at;
      put = step.column;
    }
    const one = 'mr' in step ? all[step.mr] : undefined;
    if (one) {
      if (step.do === 'draft') one.draft = true;
      if (step.do === 'ready') one.draft = false;
      if (step.do === 'retarget') one.target = step.target;
      if (step.do === 'edit') one.issues = step.issues;
      if (step.do === 'close') one.state = 'closed';
      if (step.do === 'reopen') one.state = 'open';
      if (step.do === 'merge') {
        one.state = 'merged';
        one.mergedAt = at;
      }
    }
    const now = wishOf(all, issue, mergedWhen);
    if (now !== wish) wishedAt = at;
    wish = now;
  }
  // A person's move stands until the merge requests ask for something new.
  if (movedAt > wishedAt) return put;
  // A column that may not be left is left by people only.
  if (!LEAVABLE.includes(put)) return put;
  // None is left: back to where people have left it.
  return wish === 'previous' ? put : wish;
}

function wishOf(all: readonly Known[], issue: number, mergedWhen: 'all' | 'any'): string {
  const speaking = all.filter(each => each.issues.includes(issue));
  const isRevert = (each: Known) => each.reverts !== null && speaking.includes(all[each.reverts]!);
  const reverted = all.filter(each => each.state === 'merged' && isRevert(each)).map(each => all[each.reverts ?? -1]);
  const counting = speaking.filter(each => !isRevert(each) && !reverted.includes(each));
  const merged = counting.filter(each => each.state === 'merged');
  const open = counting.filter(each => each.state === 'open');
  if (merged.length > 0 && (mergedWhen === 'any' || open.length === 0)) {
    const first = merged.reduce((a, b) => (a.mergedAt < b.mergedAt ? a : b));
    return first.target === 'release/5.3' ? 'To Test 5.3' : 'To Test';
  }
  if (open.some(each => !each.draft)) return 'In Review';
  return open.length > 0 ? 'In Development' : 'previous';
}
