import type { Look } from '../../engine/automation.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { DatedMergeRequest } from '../../gitlab/client/issues.ts';
import type { BoardFacts, BoardMemory, BoardRules, LinkedMergeRequest } from './facts.ts';
import { mentionedIssues, revertedBy } from './mentioned-issues.ts';
import type { BoardProject } from './settings.ts';

export interface GatherContext {
  gitlab: GitLab;
  settings: BoardProject;
  rules: BoardRules;
}

/**
 * Reads everything that the decision on one issue hangs on. GitLab's related merge requests, the ones known from before and the
 * ones a reason names are only candidates: linked is what our own reading of the merge request's title and description says.
 */
export async function gather(look: Look<BoardMemory>, { gitlab, settings, rules }: GatherContext): Promise<BoardFacts> {
  const { project, iid } = parseIssue(look.subject);
  const issue = await gitlab.issues.find(project, iid);
  if (!issue) {
    return { project, iid, found: false, state: 'opened', labels: [], existing: [], linked: [], events: [] };
  }
  const [me, titles, events, candidates] = await Promise.all([
    gitlab.me(),
    gitlab.issues.labelTitles(project),
    gitlab.issues.labelEvents(project, iid),
    readCandidates(gitlab, project, iid, [...(look.memory?.known ?? []), ...namedIn(look.reasons)]),
  ]);
  return {
    project,
    iid,
    found: true,
    state: issue.state,
    labels: issue.labels,
    existing: rules.columns.filter(column => titles.includes(column)),
    linked: candidates
      .flatMap(each => linkOf(each, { project, iid, baseUrl: gitlab.url }) ?? [])
      .filter(each => settings.mentions.includes(each.keyword)),
    events: events.flatMap(({ id, action, label, user, created_at }) => {
      if (!label || !rules.columns.includes(label.name)) return [];
      const by = user?.username ?? 'somebody';
      return [{ id, action, column: label.name, ours: user?.id === me.id, by, at: Date.parse(created_at) }];
    }),
  };
}

/** `acme/appliance#12` */
export function parseIssue(subject: string): { project: string; iid: number } {
  const at = subject.lastIndexOf('#');
  return { project: subject.slice(0, at), iid: Number(subject.slice(at + 1)) };
}

async function readCandidates(
  gitlab: GitLab,
  project: string,
  iid: number,
  names: readonly string[],
): Promise<DatedMergeRequest[]> {
  const related = await gitlab.issues.relatedMergeRequests(project, iid);
  const listed = new Set(related.map(each => each.references.full.toLowerCase()));
  const others = [...new Set(names.map(name => name.toLowerCase()))].filter(name => !listed.has(name));
  const read = await Promise.all(
    others.map(name => {
      const at = name.lastIndexOf('!');
      return gitlab.issues.findMergeRequest(name.slice(0, at), Number(name.slice(at + 1)));
    }),
  );
  return [...related, ...read.filter(each => each !== null)];
}

function linkOf(
  mergeRequest: DatedMergeRequest,
  issue: { project: string; iid: number; baseUrl: string },
): LinkedMergeRequest | null {
  const full = mergeRequest.references.full;
  const project = full.slice(0, full.lastIndexOf('!'));
  const { title, description, state } = mergeRequest;
  const link = mentionedIssues({ project, baseUrl: issue.baseUrl, title, description }).find(
    each => each.iid === issue.iid && each.project.toLowerCase() === issue.project.toLowerCase(),
  );
  if (!link) return null;
  return {
    project,
    iid: mergeRequest.iid,
    state,
    draft: mergeRequest.draft ?? mergeRequest.work_in_progress ?? false,
    targetBranch: mergeRequest.target_branch,
    keyword: link.keyword,
    reverts: revertedBy(description),
    createdAt: Date.parse(mergeRequest.created_at),
    mergedAt: time(mergeRequest.merged_at),
    closedAt: time(mergeRequest.closed_at),
  };
}

/** What a merge request's look wrote into the reason for this one: `merge request acme/appliance!7 …`. */
function namedIn(reasons: readonly string[]): string[] {
  return reasons.flatMap(reason => /\bmerge request ([\w./-]+!\d+)/.exec(reason)?.[1] ?? []);
}

function time(text: string | null | undefined): number | null {
  return text ? Date.parse(text) : null;
}
