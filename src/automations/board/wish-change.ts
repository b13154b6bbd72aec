import type { BoardRules, LinkedMergeRequest } from './facts.ts';
import { findWish, wishName } from './wish.ts';

/**
 * When what the merge requests ask for last became something else, in ms; 0 when it never did. The past is played through
 * from GitLab's own dates rather than from what we happened to see: so the answer is the same whichever events got lost.
 */
export function wishChangedAt(linked: readonly LinkedMergeRequest[], rules: BoardRules): number {
  const times = new Set(linked.flatMap(timesOf));
  let wish = wishName(findWish([], rules));
  let changed = 0;
  for (const time of [...times].toSorted((a, b) => a - b)) {
    const then = wishName(
      findWish(
        linked.flatMap(each => asOf(each, time) ?? []),
        rules,
      ),
    );
    if (then !== wish) changed = time;
    wish = then;
  }
  return changed;
}

function timesOf({ createdAt, linkedAt, unlinkedAt, mergedAt, closedAt, turns }: LinkedMergeRequest): number[] {
  const begins = Math.max(createdAt, linkedAt);
  const all = [...turns.map(turn => turn.at), mergedAt, closedAt, unlinkedAt].filter(time => time !== null);
  return [begins, ...all.filter(time => time > begins)];
}

/** The merge request as it was at a time; null before it was linked and after it was not any more. */
function asOf(each: LinkedMergeRequest, time: number): LinkedMergeRequest | null {
  const { unlinkedAt, mergedAt, closedAt, turns } = each;
  if (time < Math.max(each.createdAt, each.linkedAt) || (unlinkedAt !== null && time >= unlinkedAt)) return null;
  const past = turns.filter(turn => turn.at <= time);
  let state: LinkedMergeRequest['state'] = past.findLast(turn => turn.state !== undefined)?.state ?? 'opened';
  if (mergedAt !== null && time >= mergedAt) state = 'merged';
  else if (each.state === 'closed' && closedAt !== null && time >= closedAt) state = 'closed';
  return { ...each, unlinkedAt: null, state, draft: draftAsOf(each, time), targetBranch: targetAsOf(each, time) };
}

function draftAsOf({ draft, turns }: LinkedMergeRequest, time: number): boolean {
  const next = turns.find(turn => turn.at > time && turn.draft !== undefined);
  return next === undefined ? draft : !next.draft;
}

function targetAsOf({ targetBranch, turns }: LinkedMergeRequest, time: number): string {
  return turns.find(turn => turn.at > time && turn.target !== undefined)?.target?.from ?? targetBranch;
}
