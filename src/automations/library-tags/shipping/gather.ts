import type { Look } from '../../../engine/automation.ts';
import type { Documents } from '../../../engine/documents/documents.ts';
import { readCapabilities } from '../../../git-protocol/capabilities.ts';
import type { Commit } from '../../../git-protocol/commit-object.ts';
import { readHistory } from '../../../git-protocol/history.ts';
import type { GitLab } from '../../../gitlab/client/create-gitlab.ts';
import type { MergeRequest } from '../../../gitlab/client/schemas.ts';
import { closingReferences } from '../../../gitlab/references/closing-references.ts';
import { readMarker } from '../../../gitlab/text/marker.ts';
import { findTag } from '../job/read-refs.ts';
import { readLedger } from '../ledger.ts';
import { askAgain, openRemote } from '../open-remote.ts';
import type { LibraryRules } from '../rules.ts';
import type { ShippedIssue, VersionFacts } from './facts.ts';

export const NOTE_MARKER = 'library-version';
const MOST_SUBJECTS = 50;
/** Clocks of committers differ from GitLab's. */
const OVERLAP = 24 * 60 * 60_000;

export interface VersionContext {
  gitlab: GitLab;
  documents: Documents;
  rules: LibraryRules | null;
}

/** `acme/lib-ssh@sub/v1.2.3` */
export function parseVersionKey(subject: string): { project: string; tag: string } {
  const at = subject.indexOf('@');
  return { project: subject.slice(0, at), tag: subject.slice(at + 1) };
}

/**
 * What came with a version: the merge requests whose result is among the commits since the version before, whichever branch they
 * were merged into, and the issues that these close.
 */
export async function gatherVersion(look: Look, { gitlab, documents, rules }: VersionContext): Promise<VersionFacts> {
  const { project, tag } = parseVersionKey(look.subject);
  const facts: VersionFacts = {
    project,
    tag,
    tagUrl: `${gitlab.url}/${project}/-/tags/${tag}`,
    commit: '',
    base: null,
    state: 'theirs',
    requests: [],
    subjects: [],
    issues: [],
    hasRelease: false,
  };
  const found = rules && (await gitlab.projects.find(project));
  if (!found || !rules) return { ...facts, state: 'not configured' };
  const own = (await readLedger(documents, found.id)).own.find(each => each.name === tag);
  if (!own) return facts;
  const { commit, base } = own;
  const remote = await openRemote(gitlab, project, look.signal);
  const there = await askAgain(() => findTag(remote, tag, look.signal));
  if (there?.peeled !== commit) return { ...facts, commit, base, state: there ? 'elsewhere' : 'gone' };
  const { filter } = await askAgain(() => readCapabilities(remote, look.signal));
  const before = base === null ? null : await askAgain(() => findTag(remote, base, look.signal));
  const candidates = before ? [before.peeled] : [];
  const { commits } = await askAgain(() => readHistory(remote, { commit, candidates, filter, signal: look.signal }));
  const merged = await mergedAmong(gitlab, project, commits);
  return {
    ...facts,
    commit,
    base,
    state: 'ours',
    requests: merged.map(({ iid, title }) => ({ reference: `${project}!${iid}`, iid, title })),
    subjects: commits.slice(0, MOST_SUBJECTS).map(({ message }) => message.split('\n', 1)[0]!.slice(0, 200)),
    issues: rules.note ? await issuesOf(gitlab, project, look.subject, merged) : [],
    hasRelease: rules.release && (await gitlab.releases.find(project, tag)) !== null,
  };
}

/** The merge requests that made one of these commits, the first merged first. */
async function mergedAmong(gitlab: GitLab, project: string, commits: readonly Commit[]): Promise<MergeRequest[]> {
  const oids = new Set(commits.map(({ oid }) => oid));
  const times = commits.map(({ committer }) => Number(/ (\d+) [+-]\d{4}$/.exec(committer)?.[1] ?? 0) * 1000);
  const oldest = Math.max(0, Math.min(...times) - OVERLAP);
  const updated_after = new Date(oldest).toISOString();
  const merged = await gitlab.mergeRequests.list(project, { state: 'merged', updated_after });
  return merged
    .filter(each => oids.has(each.merge_commit_sha ?? each.squash_commit_sha ?? each.sha ?? ''))
    .toSorted((a, b) => (a.merged_at ?? '').localeCompare(b.merged_at ?? '') || a.iid - b.iid);
}

async function issuesOf(
  gitlab: GitLab,
  project: string,
  key: string,
  merged: readonly MergeRequest[],
): Promise<ShippedIssue[]> {
  const me = await gitlab.me();
  const named = new Map<string, { project: string; iid: number }>();
  for (const { title, description } of merged) {
    const options = { project, baseUrl: gitlab.url };
    const references = [
      ...closingReferences(title, { ...options, syntax: 'plain' }),
      ...closingReferences(description ?? '', options),
    ];
    for (const each of references) named.set(`${each.project.toLowerCase()}#${each.iid}`, each);
  }
  const issues: ShippedIssue[] = [];
  for (const issue of named.values()) {
    if ((await gitlab.issues.find(issue.project, issue.iid)) === null) continue;
    const notes = await gitlab.issues.notes(issue.project, issue.iid);
    const told = notes.some(({ author, body }) => author.id === me.id && readMarker(body, NOTE_MARKER)?.key === key);
    issues.push({ project: issue.project, iid: issue.iid, told });
  }
  return issues;
}
