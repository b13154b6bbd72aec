import type { Remote } from '../../git-protocol/remote.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { BranchFacts, HeadFacts } from './facts.ts';
import { decideUpdate, type ModuleDecision } from './job/decide-update.ts';
import { findMergeRequest } from './job/find-merge-request.ts';
import { readUpdate } from './job/read-update.ts';
import { once, openApi } from './open-remote.ts';
import { relevantTags } from './relevant-tags.ts';
import { shortenMessages } from './shorten-messages.ts';
import type { CommitFact, Policy, TagFact } from './snapshot.ts';
import { updateChain } from './update-chain.ts';

export interface BranchContext {
  remote: Remote;
  gitlab: GitLab;
  project: string;
  policy: Policy;
  defaultBranch: string;
  /** Names that were seen before and are gone. */
  burnt: readonly string[];
  signal: AbortSignal;
}

export interface BranchQuery {
  branch: string;
  head: string;
  /** Where the branch was at the last look. */
  seen: string | null;
  /** Where pushes say that it has been meanwhile. */
  hinted: readonly string[];
  /** When it was looked at last, ms; null for the first look. */
  since: number | null;
}

/** Updates of one branch that are taken up in one look. More have come together only after a long outage. */
const MOST_UPDATES = 30;

/**
 * Where a branch is and, unless that commit has its version, where it has been since the last look: each update is to have a
 * version, however many of them became one look. They are named by webhooks and by GitLab's own feed, which also has those
 * whose webhook was lost; both only say where to look, what counts is the history of the branch.
 */
export async function readBranch(
  context: BranchContext,
  query: BranchQuery,
): Promise<{ facts: BranchFacts; tags: TagFact[] }> {
  const { branch, head } = query;
  const newest = await decideCommit(context, branch, head);
  if (newest.every(isSettled)) {
    const settled = toHead(newest, context.policy);
    return { facts: { branch, head, updates: settled ? [settled] : [], leftOut: 0 }, tags: tagsOf(newest) };
  }
  const commits = commitsOf(newest);
  const pushed = await pushedTo(context, query);
  const chain = updateChain(commits, head, [...query.hinted, ...pushed], query.seen);
  const taken = chain.slice(-MOST_UPDATES);
  const tags: TagFact[] = tagsOf(newest);
  const updates: HeadFacts[] = [];
  for (const commit of taken) {
    const modules = commit === head ? newest : await decideCommit(context, branch, commit);
    if (commit !== head) tags.push(...tagsOf(modules));
    const facts = toHead(modules, context.policy);
    if (!facts) continue;
    const found = await findMergeRequest(openApi(context.gitlab, context.project), commit, branch);
    updates.push({ ...facts, mergeRequest: found && 'unreadable' in found ? null : found });
  }
  return { facts: { branch, head, updates, leftOut: chain.length - taken.length }, tags };
}

async function decideCommit(context: BranchContext, branch: string, commit: string): Promise<ModuleDecision[]> {
  const { remote, policy, defaultBranch, burnt, signal } = context;
  const update = await readUpdate(remote, commit, { retry: once, signal });
  const query = { commit, branch, defaultBranch, policy, mergeRequest: null, ledger: burnt, retry: once, signal };
  return decideUpdate(remote, update, query);
}

/** Whether nothing before this commit can want a version any more. */
function isSettled({ decision }: ModuleDecision): boolean {
  return decision.action === 'exists' || decision.action === 'contained';
}

/** Where GitLab's own feed says that the branch has been since the last look; it knows of pushes whose webhooks were lost. */
async function pushedTo({ gitlab, project }: BranchContext, { branch, since }: BranchQuery): Promise<string[]> {
  return since === null ? [] : gitlab.pushes.to(project, branch, since);
}

function commitsOf(modules: readonly ModuleDecision[]): CommitFact[] {
  const commits = new Map<string, CommitFact>();
  for (const { snapshot } of modules) for (const commit of snapshot.commits) commits.set(commit.oid, commit);
  return [...commits.values()];
}

function tagsOf(modules: readonly ModuleDecision[]): TagFact[] {
  const all = modules.flatMap(({ snapshot }) => [...snapshot.tags]);
  return relevantTags(
    all,
    modules.map(({ module }) => module),
  );
}

function toHead(modules: readonly ModuleDecision[], policy: Policy): HeadFacts | null {
  const [first] = modules;
  if (!first) return null;
  return {
    commit: first.snapshot.commit,
    message: first.snapshot.commitMessage,
    commits: shortenMessages(commitsOf(modules), policy),
    mergeRequest: null,
    modules: modules.map(({ module, snapshot }) => ({
      module,
      relations: snapshot.relations,
      cutBelow: snapshot.cutBelow ?? [],
      onBranch: snapshot.onBranch ?? true,
    })),
  };
}
