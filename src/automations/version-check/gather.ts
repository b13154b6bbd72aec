import type { Look } from '../../engine/automation.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { MergeRequest } from '../../gitlab/client/schemas.ts';
import type { VersionCheckFacts, VersionCheckRules } from './facts.ts';
import { gatherDrags } from './gather-drags.ts';
import { gatherTalk, NO_TALK } from './gather-talk.ts';
import { readVersionAt } from './read-version-at.ts';
import type { VersionCheckProject } from './settings.ts';

export interface GatherContext {
  gitlab: GitLab;
  settings: VersionCheckProject;
  rules: VersionCheckRules;
}

/** For so long after its last change GitLab may still be preparing a merge request; later, what is missing is missing. */
const PREPARING = 5 * 60_000;

/**
 * Reads everything that the decision on one merge request hangs on. The source is read in the target project at the head's
 * commit: GitLab copies it there, so a fork needs no access, and a branch deleted at the merge does not matter.
 */
export async function gather(look: Look, context: GatherContext): Promise<VersionCheckFacts> {
  const { gitlab, settings, rules } = context;
  const { project, iid } = parseMergeRequest(look.subject);
  const mergeRequest = await gitlab.mergeRequests.find(project, iid);
  if (!mergeRequest) return { ...EMPTY, project, iid };
  const facts = describe(project, mergeRequest);
  if (facts.state === 'closed' || facts.state === 'locked') return facts;

  const preparing = look.now() - Date.parse(mergeRequest.updated_at) < PREPARING;
  const points = await readPoints(gitlab, project, mergeRequest);
  const { head, target, base } = points;
  if (head === null || target === null) {
    const missing = head === null ? 'the head is not there yet' : 'the target branch is not there';
    return { ...facts, ...points, notReady: preparing ? missing : null, ...(await gatherTalk(gitlab, project, iid)) };
  }
  const read = (commit: string | null, branch: string | null) =>
    readVersionAt({ gitlab, project, settings, commit, branch });
  const [source, targetVersion, baseVersion, drags, talk] = await Promise.all([
    read(head, mergeRequest.source_branch),
    read(target, mergeRequest.target_branch),
    read(base, null),
    gatherDrags({ gitlab, project, lines: rules.lines, head, target, targetBranch: mergeRequest.target_branch }),
    gatherTalk(gitlab, project, iid),
  ]);
  const versions = { source, target: targetVersion, base: baseVersion };
  const edited =
    source.ok &&
    targetVersion.ok &&
    source.line !== targetVersion.line &&
    !(baseVersion.ok && source.line === baseVersion.line);
  return {
    ...facts,
    ...points,
    ...talk,
    versions,
    drags,
    notReady: preparing && !source.ok && source.reason === 'commit-not-there' ? source.detail : null,
    changedPaths: edited ? await gitlab.mergeRequests.changedPaths(project, iid) : null,
    ...(await gatherGates(context, project, iid, head)),
  };
}

/** `acme/appliance!12` */
export function parseMergeRequest(subject: string): { project: string; iid: number } {
  const at = subject.lastIndexOf('!');
  return { project: subject.slice(0, at), iid: Number(subject.slice(at + 1)) };
}

/** Head, target and merge base. Of a merged one: as they were before the merge, for the target has the head in it now. */
async function readPoints(
  gitlab: GitLab,
  project: string,
  mergeRequest: MergeRequest,
): Promise<{ head: string | null; target: string | null; base: string | null }> {
  const refs = mergeRequest.diff_refs;
  const head = mergeRequest.sha ?? refs?.head_sha ?? null;
  if (mergeRequest.state === 'merged') {
    return { head: refs?.head_sha ?? head, target: refs?.start_sha ?? null, base: refs?.base_sha ?? null };
  }
  const branch = await gitlab.repository.findBranch(project, mergeRequest.target_branch);
  const target = branch?.commit.id ?? null;
  const base = head !== null && target !== null ? await gitlab.repository.mergeBase(project, head, target) : null;
  return { head, target, base };
}

async function gatherGates({ gitlab, rules, settings }: GatherContext, project: string, iid: number, head: string) {
  const statuses = rules.gate.includes('commit_status')
    ? await gitlab.projects.commitStatuses(project, head, settings.status_name)
    : [];
  const newest = statuses.reduce<(typeof statuses)[number] | null>(
    (last, status) => (last === null || status.id > last.id ? status : last),
    null,
  );
  const checks = rules.gate.includes('external_status_check') ? await gitlab.projects.statusChecks(project, iid) : null;
  const check = checks?.find(each => each.name === settings.external_status_check);
  return {
    commitStatus: newest && { state: newest.status, description: newest.description ?? '' },
    statusCheck: check ? { id: check.id, status: check.status ?? 'pending' } : null,
  };
}

function describe(project: string, mergeRequest: MergeRequest): VersionCheckFacts {
  return {
    ...EMPTY,
    project,
    iid: mergeRequest.iid,
    url: mergeRequest.web_url,
    found: true,
    state: mergeRequest.state,
    mergedAt: mergeRequest.merged_at ? Date.parse(mergeRequest.merged_at) : null,
    draft: mergeRequest.draft ?? mergeRequest.work_in_progress ?? false,
    sourceBranch: mergeRequest.source_branch,
    targetBranch: mergeRequest.target_branch,
    labels: mergeRequest.labels,
  };
}

const UNREAD = { ok: false, reason: 'not-read', detail: '' } as const;

const EMPTY: VersionCheckFacts = {
  project: '',
  iid: 0,
  url: '',
  found: false,
  state: 'opened',
  mergedAt: null,
  draft: false,
  sourceBranch: '',
  targetBranch: '',
  labels: [],
  head: null,
  target: null,
  base: null,
  notReady: null,
  versions: { source: UNREAD, target: UNREAD, base: UNREAD },
  drags: [],
  changedPaths: null,
  ...NO_TALK,
  commitStatus: null,
  statusCheck: null,
};
