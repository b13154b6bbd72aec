import type { BoardRules, LinkedMergeRequest } from './facts.ts';

/** Where an issue belongs by its merge requests. */
export type Wish =
  | { kind: 'column'; column: string; because: string }
  /** No merge request is left: back to where people had left it. */
  | { kind: 'previous'; because: string }
  | { kind: 'none'; because: string };

/**
 * The column that the set of linked merge requests asks for: a pure function, whatever order they came in. A merge request
 * that is being merged (`locked`) still counts as open.
 */
export function findWish(all: readonly LinkedMergeRequest[], rules: BoardRules): Wish {
  const counting = withoutReverted(all.filter(each => each.unlinkedAt === null));
  const open = counting.filter(each => (each.state === 'opened' || each.state === 'locked') && !each.draft);
  const drafts = counting.filter(each => (each.state === 'opened' || each.state === 'locked') && each.draft);
  const merged = counting.filter(each => each.state === 'merged');
  if (merged.length > 0 && (rules.mergedWhen === 'any' || open.length + drafts.length === 0)) {
    return { kind: 'column', column: mergedColumn(merged, rules), because: `${names(merged)} merged` };
  }
  if (open.length > 0) return { kind: 'column', column: rules.opened, because: `${names(open)} open` };
  if (drafts.length > 0) {
    if (rules.draft === null) {
      return { kind: 'none', because: `only drafts are left (${names(drafts)}), which move nothing` };
    }
    return { kind: 'column', column: rules.draft, because: `${names(drafts)} only a draft` };
  }
  if (rules.closed === 'stay') return { kind: 'none', because: 'no merge request is left, and then it stays' };
  return { kind: 'previous', because: 'no merge request is left that counts' };
}

/** Two wishes are the same when they have the same name. */
export function wishName(wish: Wish): string {
  return wish.kind === 'column' ? `column ${wish.column}` : wish.kind;
}

/**
 * A merged revert takes its merge request out of account, and a revert of the revert brings it back. A revert of something
 * linked is itself no work on the issue, merged or not; a revert of anything else is work like any other.
 */
function withoutReverted(linked: readonly LinkedMergeRequest[]): LinkedMergeRequest[] {
  const undone = (name: string, path: readonly string[]): boolean =>
    linked.some(each => {
      const reverter = nameOf(each);
      const applies = each.state === 'merged' && each.reverts.includes(name) && !path.includes(reverter);
      return applies && !undone(reverter, [...path, reverter]);
    });
  const linkedNames = new Set(linked.map(nameOf));
  return linked.filter(each => {
    const isRevert = each.reverts.some(name => linkedNames.has(name));
    return !isRevert && !undone(nameOf(each), [nameOf(each)]);
  });
}

/** The line merged into first decides; a cherry-pick merged later into another line does not move the issue again. */
function mergedColumn(merged: readonly LinkedMergeRequest[], rules: BoardRules): string {
  const mergedAt = (each: LinkedMergeRequest) => each.mergedAt ?? each.createdAt;
  const first = merged.toSorted((a, b) => mergedAt(a) - mergedAt(b) || (nameOf(a) < nameOf(b) ? -1 : 1))[0];
  return (first && rules.mergedByBranch[first.targetBranch]) ?? rules.merged;
}

export function nameOf({ project, iid }: { project: string; iid: number }): string {
  return `${project}!${iid}`;
}

function names(list: readonly LinkedMergeRequest[]): string {
  return `${list.map(nameOf).toSorted().join(', ')} ${list.length === 1 ? 'is' : 'are'}`;
}
