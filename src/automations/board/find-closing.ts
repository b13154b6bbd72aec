import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { StateEvent } from '../../gitlab/client/history.ts';
import type { Closing } from './facts.ts';
import type { ReadCandidate } from './read-candidates.ts';
import { nameOf } from './wish.ts';

/** What of GitLab is asked. */
export interface ClosingCalls {
  history: Pick<GitLab['history'], 'stateEvents'>;
  mergeRequests: Pick<GitLab['mergeRequests'], 'commits'>;
}

/** Older versions do not say what closed an issue: then a closing by who merged, at the time of the merge, is the merge's. */
const AT_THE_SAME_TIME = 60_000;

/**
 * How the issue was closed last. GitLab names the merge request or the commit that made it do so; a commit counts where one of
 * the merge requests brought it in, for what somebody pushed by hand to close the issue is that person's decision.
 */
export async function findClosing(
  gitlab: ClosingCalls,
  issue: { project: string; iid: number },
  candidates: readonly ReadCandidate[],
): Promise<Closing | null> {
  const events = await gitlab.history.stateEvents('issues', issue.project, issue.iid);
  const last = events.at(-1);
  if (last?.state !== 'closed') return null;
  const merged = candidates.filter(each => each.state === 'merged');
  const by = await closedBy(gitlab, last, merged);
  return {
    at: Date.parse(last.created_at),
    by: last.user?.username ?? 'somebody',
    mergeRequest: by ? nameOf(by) : null,
  };
}

async function closedBy(
  gitlab: ClosingCalls,
  event: StateEvent,
  merged: readonly ReadCandidate[],
): Promise<ReadCandidate | undefined> {
  const { source_merge_request_id: mergeRequest, source_commit: commit } = event;
  if (mergeRequest != null) return merged.find(each => each.id === mergeRequest);
  if (commit != null) {
    const made = merged.find(each => each.mergeCommits.includes(commit));
    if (made) return made;
    const lists = await Promise.all(
      merged.map(each => gitlab.mergeRequests.commits(each.project, each.iid, each.version)),
    );
    return merged.find((_each, index) => lists[index]?.some(({ id }) => id === commit));
  }
  // Null is "nothing but a person"; no field at all is a version that does not tell.
  const tells = mergeRequest === null || commit === null;
  if (tells || !event.user) return undefined;
  const at = Date.parse(event.created_at);
  return merged.find(
    each => each.mergedBy === event.user?.id && Math.abs(at - (each.mergedAt ?? 0)) < AT_THE_SAME_TIME,
  );
}
