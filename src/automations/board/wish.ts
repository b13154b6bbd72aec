import type { BoardRules, LinkedMergeRequest } from './facts.ts';

/** Where an issue belongs by its merge requests. */
export type Wish =
  | { kind: 'column'; column: string; since: number; because: string }
  /** No merge request is left: back to where it was before we first moved it. */
  | { kind: 'previous'; since: number; because: string }
  | { kind: 'none'; because: string };

/**
 * The column that the set of linked merge requests asks for: a pure function, whatever order they came in. A merge request
 * that is being merged (`locked`) still counts as open. `since` is when the newest of its causes happened, as GitLab dates it.
 */
export function findWish(linked: readonly LinkedMergeRequest[], rules: BoardRules): Wish {
  const counting = withoutReverted(linked);
  const open = counting.filter(each => (each.state === 'opened' || each.state === 'locked') && !each.draft);
  const drafts = counting.filter(each => (each.state === 'opened' || each.state === 'locked') && each.draft);
  const merged = counting.filter(each => each.state === 'merged');
  if (merged.length > 0 && (rules.mergedWhen === 'any' || open.length + drafts.length === 0)) {
    return column(mergedColumn(merged, rules), newest(merged, mergedAt), `${names(merged)} merged`);
  }
  if (open.length > 0)
    return column(
      rules.opened,
      newest(open, each => each.createdAt),
      `${names(open)} open`,
    );
  if (drafts.length > 0) {
    if (rules.draft === null)
      return { kind: 'none', because: `only drafts are left (${names(drafts)}), which move nothing` };
    return column(
      rules.draft,
      newest(drafts, each => each.createdAt),
      `${names(drafts)} only a draft`,
    );
  }
  if (rules.closed === 'stay') return { kind: 'none', because: 'no merge request is left, and then it stays' };
  const since = newest(linked, each => each.closedAt ?? each.mergedAt ?? each.createdAt);
  return { kind: 'previous', since, because: 'no merge request is left that counts' };
}

/** A merged revert takes its merge request out of account; a revert itself is no work on the issue. */
function withoutReverted(linked: readonly LinkedMergeRequest[]): LinkedMergeRequest[] {
  const undone = new Set(
    linked.flatMap(each =>
      each.state === 'merged' && each.reverts !== null ? [`${each.project}!${each.reverts}`] : [],
    ),
  );
  return linked.filter(each => each.reverts === null && !undone.has(nameOf(each)));
}

/** The line merged into first decides; a cherry-pick merged later into another line does not move the issue again. */
function mergedColumn(merged: readonly LinkedMergeRequest[], rules: BoardRules): string {
  const first = merged.toSorted((a, b) => mergedAt(a) - mergedAt(b) || (nameOf(a) < nameOf(b) ? -1 : 1))[0];
  return (first && rules.mergedByBranch[first.targetBranch]) ?? rules.merged;
}

function column(name: string, since: number, because: string): Wish {
  return { kind: 'column', column: name, since, because };
}

function mergedAt(each: LinkedMergeRequest): number {
  return each.mergedAt ?? each.createdAt;
}

function newest(list: readonly LinkedMergeRequest[], time: (each: LinkedMergeRequest) => number): number {
  return list.reduce((last, each) => Math.max(last, time(each)), 0);
}

export function nameOf({ project, iid }: { project: string; iid: number }): string {
  return `${project}!${iid}`;
}

function names(list: readonly LinkedMergeRequest[]): string {
  return `${list.map(nameOf).toSorted().join(', ')} ${list.length === 1 ? 'is' : 'are'}`;
}
