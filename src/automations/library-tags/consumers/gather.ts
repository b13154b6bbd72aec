import type { Look } from '../../../engine/automation.ts';
import type { Documents } from '../../../engine/documents/documents.ts';
import { readCapabilities } from '../../../git-protocol/capabilities.ts';
import { findFiles } from '../../../git-protocol/find-files.ts';
import type { GitLab } from '../../../gitlab/client/create-gitlab.ts';
import { readMarker } from '../../../gitlab/text/marker.ts';
import { askAgain, openRemote } from '../open-remote.ts';
import { type BumpBranch, type BumpRequest, bumpBranch, type ConsumerFacts } from './facts.ts';
import { readWanted } from './read-wanted.ts';
import { REQUEST_MARKER, readChange } from './render.ts';

/** `acme/appliance@release/5.3` */
export function parseConsumer(subject: string): { project: string; branch: string } {
  const at = subject.indexOf('@');
  return { project: subject.slice(0, at), branch: subject.slice(at + 1) };
}

/** How a consumer's branch stands to the libraries, and what has been proposed about it. */
export async function gatherConsumer(
  look: Look,
  { gitlab, documents, configured }: { gitlab: GitLab; documents: Documents; configured: boolean },
): Promise<ConsumerFacts> {
  const { project, branch } = parseConsumer(look.subject);
  const facts: ConsumerFacts = {
    project,
    branch,
    state: 'not configured',
    head: '',
    bumps: [],
    change: '',
    ownBranch: null,
    request: null,
    vendored: false,
  };
  if (!configured) return facts;
  const found = await gitlab.projects.find(project);
  if (!found) return { ...facts, state: 'not found' };
  const head = (await gitlab.repository.findBranch(project, branch))?.commit.id;
  if (head === undefined) return { ...facts, state: 'no such branch' };
  const line = branch !== found.default_branch;
  const wanted = await readWanted({ gitlab, documents, project, head, line, signal: look.signal });
  const { bumps, change, vendored } = wanted;
  const there: ConsumerFacts = { ...facts, state: 'there', head, bumps, change, vendored };
  const ownBranch = await readOwnBranch(gitlab, project, branch, look.signal);
  return { ...there, ownBranch, request: await readRequest(gitlab, project, branch) };
}

export async function readOwnBranch(
  gitlab: GitLab,
  project: string,
  target: string,
  signal: AbortSignal,
): Promise<BumpBranch | null> {
  const head = (await gitlab.repository.findBranch(project, bumpBranch(target)))?.commit.id;
  if (head === undefined) return null;
  const remote = await openRemote(gitlab, project, signal);
  const { filter } = await askAgain(() => readCapabilities(remote, signal));
  const { commit } = await askAgain(() => findFiles(remote, { commit: head, filter, wanted: () => false, signal }));
  const change = readChange(commit.message);
  return { head, ours: change !== null, change };
}

export async function readRequest(gitlab: GitLab, project: string, target: string): Promise<BumpRequest | null> {
  const query = { source_branch: bumpBranch(target), target_branch: target, state: 'all' };
  const requests = await gitlab.mergeRequests.list(project, query);
  const newest = requests.toSorted((a, b) => b.iid - a.iid)[0];
  if (!newest) return null;
  const change = readMarker(newest.description ?? '', REQUEST_MARKER)?.fields['change'] ?? null;
  return { iid: newest.iid, state: newest.state, change };
}
