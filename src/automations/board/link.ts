import type { BoardMemory, LinkedMergeRequest } from './facts.ts';
import { type MentionedIssue, mentionedIssues, type SpokenText } from './mentioned-issues.ts';
import { revertedBy } from './reverted.ts';
import type { BoardProject } from './settings.ts';
import { nameOf } from './wish.ts';

/** A merge request that may be linked: what it says, and what has become of it. */
export interface Candidate
  extends SpokenText,
    Pick<LinkedMergeRequest, 'iid' | 'state' | 'draft' | 'targetBranch' | 'createdAt' | 'mergedAt' | 'closedAt'> {
  /** The commits that its merge made, full ids: a revert may name them. */
  mergeCommits: readonly string[];
}

export interface LinkContext {
  /** The issue and what it was called before it was moved, `acme/appliance#1`. */
  names: readonly string[];
  settings: Pick<BoardProject, 'mentions' | 'references'>;
  memory: Pick<BoardMemory, 'known' | 'lookedAt'> | null;
}

/**
 * The candidates that our own reading links to the issue: those that speak of it, those that take such a one back, and, with
 * the time since when not, those that did at the last look.
 */
export function linkCandidates(candidates: readonly Candidate[], context: LinkContext): LinkedMergeRequest[] {
  const said = new Map(candidates.map(each => [each, saidBy(each, context)]));
  const speaking = candidates.filter(each => said.get(each));
  const reverts = new Map(candidates.map(each => [each, takenBack(each, speaking)]));
  const since = new Map(context.memory?.known.map(each => [each.name.toLowerCase(), each.since]));
  return candidates.flatMap(each => {
    const { project, iid, state, draft, targetBranch, createdAt, mergedAt, closedAt } = each;
    const known = since.get(nameOf(each).toLowerCase());
    const link = said.get(each) ?? (reverts.get(each)?.length ? 'mentions' : null);
    if (link === null && known === undefined) return [];
    // What says so in words has been in GitLab's list since it did; anything else may have been missed for long.
    const seen = spoken(each, context) ? (context.memory?.lookedAt ?? 0) : 0;
    const dates = { createdAt, mergedAt, closedAt, linkedAt: known ?? Math.max(createdAt, seen) };
    const unlinkedAt = link === null ? Math.max(known ?? 0, context.memory?.lookedAt ?? 0) : null;
    const what = { project, iid, state, draft, targetBranch, keyword: link ?? 'mentions' };
    return [{ ...what, reverts: reverts.get(each) ?? [], ...dates, unlinkedAt, turns: [] }];
  });
}

function saidBy(text: SpokenText, { names, settings }: LinkContext): MentionedIssue['keyword'] | null {
  const wanted = new Set(names.map(name => name.toLowerCase()));
  const found = mentionedIssues(text, settings.references).find(each =>
    wanted.has(`${each.project.toLowerCase()}#${each.iid}`),
  );
  return found && settings.mentions.includes(found.keyword) ? found.keyword : null;
}

/** Whether title or description name the issue by the name it has now. */
function spoken(text: SpokenText, { names, settings }: LinkContext): boolean {
  const words = settings.references.filter(each => each === 'title' || each === 'description');
  return mentionedIssues(text, words).some(
    each => `${each.project}#${each.iid}`.toLowerCase() === names[0]?.toLowerCase(),
  );
}

function takenBack(candidate: Candidate, linked: readonly Candidate[]): string[] {
  const { project, baseUrl, title, description, commitMessages = [] } = candidate;
  const { mergeRequests, commits } = revertedBy([title, description ?? '', ...commitMessages].join('\n'), {
    project,
    baseUrl,
  });
  if (mergeRequests.length + commits.length === 0) return [];
  return linked
    .filter(each => each !== candidate)
    .filter(
      each =>
        mergeRequests.includes(nameOf(each).toLowerCase()) ||
        each.mergeCommits.some(made => commits.some(named => made.startsWith(named))),
    )
    .map(nameOf);
}
