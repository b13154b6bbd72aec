import { SignalboxError } from '../../errors.ts';
import type { Remote } from '../../git-protocol/remote.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { BranchFacts, HeadFacts } from './facts.ts';
import { decideUpdate, type ModuleDecision } from './job/decide-update.ts';
import { findMergeRequest } from './job/find-merge-request.ts';
import { readUpdate } from './job/read-update.ts';
import { askAgain, openApi } from './open-remote.ts';
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
  /** Commits that CI jobs want a version for. */
  asked: readonly string[];
  /** False: only those count, and not where the branch is. */
  whole: boolean;
}

export interface BranchRead {
  /** The branch, after what is asked for beside the way that it took. */
  facts: BranchFacts[];
  tags: TagFact[];
  /** Commits that are asked for and that the repository does not have. */
  unknown: string[];
}

/** Updates of one branch that are taken up in one look, the oldest first: more come together only after an outage, and have the next look. */
const MOST_UPDATES = 30;

/**
 * Where a branch is and, unless that commit has its version, where it has been since the last look: each update is to have a
 * version, however many of them became one look. They are named by webhooks and by GitLab's own feed, which also has those
 * whose webhook was lost; both only say where to look, what counts is the history of the branch.
 */
export async function readBranch(context: BranchContext, query: BranchQuery): Promise<BranchRead> {
  const { branch, head, asked, whole } = query;
  const newest = await decideCommit(context, branch, head);
  const isThere = newest.every(isSettled);
  const states = whole && !isThere ? [...query.hinted, ...(await pushedTo(context, query))] : [];
  const seen = whole ? query.seen : null;
  const chain = isThere ? [head] : updateChain(commitsOf(newest), head, [...states, ...asked], seen);
  const first = whole ? chain.slice(0, MOST_UPDATES) : [];
  const taken = chain.filter(commit => first.includes(commit) || asked.includes(commit));
  const read: BranchRead = { facts: [], tags: tagsOf(newest), unknown: [] };
  for (const commit of new Set(asked)) {
    if (taken.includes(commit)) continue;
    const beside = await readAsked(context, branch, commit);
    if (beside === null) read.unknown.push(commit);
    else read.facts.push(...beside.facts);
    read.tags.push(...(beside?.tags ?? []));
  }
  const updates: HeadFacts[] = [];
  for (const commit of taken) {
    const modules = commit === head ? newest : await decideCommit(context, branch, commit);
    if (commit !== head) read.tags.push(...tagsOf(modules));
    const facts = await toUpdate(context, branch, modules);
    if (facts) updates.push(facts);
  }
  const later = whole ? chain.length - first.length : 0;
  const reached = first.at(-1) ?? null;
  if (whole || updates.length > 0) read.facts.push({ branch, head, reached, updates, later, whole });
  return read;
}

/** A commit that a CI job asks for, beside what its branch is at; null when the repository does not have it. */
export async function readAsked(
  context: BranchContext,
  branch: string | null,
  commit: string,
): Promise<{ facts: BranchFacts[]; tags: TagFact[] } | null> {
  try {
    const modules = await decideCommit(context, branch, commit);
    const update = await toUpdate(context, branch, modules);
    const facts = {
      branch: branch ?? '',
      head: commit,
      reached: null,
      updates: update ? [update] : [],
      later: 0,
      whole: false,
    };
    return { facts: [facts], tags: tagsOf(modules) };
  } catch (error) {
    if (error instanceof SignalboxError && /not our ref/.test(error.detail)) return null;
    throw error;
  }
}

async function decideCommit(context: BranchContext, branch: string | null, commit: string): Promise<ModuleDecision[]> {
  const { remote, policy, defaultBranch, burnt, signal } = context;
  const update = await readUpdate(remote, commit, { retry: askAgain, signal });
  const query = { commit, branch, defaultBranch, policy, mergeRequest: null, ledger: burnt, retry: askAgain, signal };
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

async function toUpdate(
  { gitlab, project, policy }: BranchContext,
  branch: string | null,
  modules: readonly ModuleDecision[],
): Promise<HeadFacts | null> {
  const facts = toHead(modules, policy);
  if (!facts || branch === null || modules.every(isSettled)) return facts;
  const found = await askAgain(() => findMergeRequest(openApi(gitlab, project), facts.commit, branch));
  return { ...facts, mergeRequest: found && 'unreadable' in found ? null : found };
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
