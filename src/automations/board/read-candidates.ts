import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { DatedMergeRequest } from '../../gitlab/client/issues.ts';
import type { Candidate } from './link.ts';
import type { ReferenceSource } from './mentioned-issues.ts';

/** A candidate, and what only finding out why the issue was closed takes. */
export interface ReadCandidate extends Candidate {
  id: number;
  updatedAt: number;
  mergedBy: number | null;
  /** Changes whenever its commits do. */
  version: string;
}

/** Reads the merge requests with these names, those that GitLab relates to these issues, and which names lead nowhere. */
export async function readCandidates(
  gitlab: GitLab,
  issues: readonly { project: string; iid: number }[],
  names: readonly string[],
  sources: readonly ReferenceSource[],
): Promise<{ candidates: ReadCandidate[]; gone: string[] }> {
  const lists = await Promise.all(issues.map(({ project, iid }) => gitlab.issues.relatedMergeRequests(project, iid)));
  const found = new Map(lists.flat().map(each => [each.references.full.toLowerCase(), each]));
  const wanted = [...new Set(names.map(name => name.toLowerCase()))].filter(name => !found.has(name));
  const read = await Promise.all(wanted.map(async name => [name, await findByName(gitlab, name)] as const));
  for (const [name, each] of read) if (each) found.set(name, each);
  const candidates = await Promise.all([...found.values()].map(each => toCandidate(gitlab, each, sources)));
  return { candidates, gone: read.flatMap(([name, each]) => (each ? [] : [name])) };
}

function findByName(gitlab: GitLab, name: string): Promise<DatedMergeRequest | null> {
  const at = name.lastIndexOf('!');
  return gitlab.issues.findMergeRequest(name.slice(0, at), Number(name.slice(at + 1)));
}

async function toCandidate(
  gitlab: GitLab,
  read: DatedMergeRequest,
  sources: readonly ReferenceSource[],
): Promise<ReadCandidate> {
  const { id, iid, title, description, state, sha } = read;
  const project = read.references.full.slice(0, read.references.full.lastIndexOf('!'));
  const version = `${sha} ${read.updated_at}`;
  const commits = sources.includes('commits') ? await gitlab.mergeRequests.commits(project, iid, version) : [];
  return {
    id,
    iid,
    project,
    baseUrl: gitlab.url,
    title,
    description,
    branch: branchOf(read),
    commitMessages: commits.map(commit => commit.message ?? ''),
    state,
    draft: read.draft ?? read.work_in_progress ?? false,
    targetBranch: read.target_branch,
    mergeCommits: [read.merge_commit_sha, read.squash_commit_sha].filter(commit => typeof commit === 'string'),
    createdAt: Date.parse(read.created_at),
    mergedAt: time(read.merged_at),
    closedAt: time(read.closed_at),
    updatedAt: Date.parse(read.updated_at),
    version,
    mergedBy: read.merge_user?.id ?? null,
  };
}

/** The source branch; null in a fork, where numbers are not those of this project's issues. */
export function branchOf(read: {
  source_branch: string;
  source_project_id: number | null;
  target_project_id: number;
}): string | null {
  return read.source_project_id === read.target_project_id ? read.source_branch : null;
}

function time(text: string | null | undefined): number | null {
  return text ? Date.parse(text) : null;
}
