import { changedFiles } from '../../../git-protocol/changed-files.ts';
import { fetchObjects } from '../../../git-protocol/fetch-objects.ts';
import { isAncestor, readHistory } from '../../../git-protocol/history.ts';
import { listRefs } from '../../../git-protocol/list-refs.ts';
import type { Remote } from '../../../git-protocol/remote.ts';
import { decide, needsAllTags, planStream } from '../decide.ts';
import { isInModule } from '../go-modules.ts';
import { type GoModule, streamOf } from '../module-path.ts';
import type { Decision, MergeRequestFact, Policy, Snapshot } from '../snapshot.ts';
import { candidatesOf, type StreamTags } from '../stream-tags.ts';
import { type LibraryRefs, readRefs } from './read-refs.ts';
import type { Update } from './read-update.ts';

export interface UpdateQuery {
  commit: string;
  branch: string | null;
  /** null: the remote's own answer counts. */
  defaultBranch: string | null;
  policy: Policy;
  /** The merge request by which the commit came in; may still be on the way, and is not waited for before it is needed. */
  mergeRequest: MergeRequestFact | null | Promise<MergeRequestFact | null>;
  /** Numbers known to have been given to tags that may be deleted since; a job without a service knows none. */
  ledger: readonly string[];
  signal?: AbortSignal;
}

/** The decision about one module, with the facts it was made from. */
export interface ModuleDecision {
  module: GoModule | null;
  snapshot: Snapshot;
  decision: Decision;
}

/**
 * Reads how the tags stand now and decides each module of the update. The list of tags is asked for at once, beside the
 * commit's own facts, because neither needs the other.
 */
export async function decideUpdate(
  remote: Remote,
  update: Update | Promise<Update>,
  asked: UpdateQuery,
): Promise<ModuleDecision[]> {
  const [refs, facts, mergeRequest] = await Promise.all([readRefs(remote, asked), update, asked.mergeRequest]);
  const query: Settled = { ...asked, mergeRequest };
  const { modules } = facts;
  if (modules.length <= 1) return [await decideModule(remote, facts, query, refs, modules[0] ?? null)];
  const decided: ModuleDecision[] = [];
  for (const module of modules) {
    // A nested go.mod that go can never release from, an example say, must not stop the others.
    if (module !== modules[0] && 'fault' in streamOf(module)) continue;
    decided.push(await decideModule(remote, facts, query, refs, module));
  }
  return decided;
}

type Settled = UpdateQuery & { mergeRequest: MergeRequestFact | null };

async function decideModule(
  remote: Remote,
  update: Update,
  query: Settled,
  refs: LibraryRefs,
  module: GoModule | null,
): Promise<ModuleDecision> {
  let snapshot = await readSnapshot(remote, update, query, refs, module);
  if (needsAllTags(snapshot, query.policy)) {
    const all = await readRefs(remote, { ...query, all: true });
    snapshot = await readSnapshot(remote, update, query, all, module);
  }
  const decision = decide(snapshot, query.policy);
  if (decision.action !== 'create') return { module: snapshot.module, snapshot, decision };
  const place = await findPlace(remote, update, query, refs);
  if (place === 'gone') {
    const rewritten = { ...snapshot, onBranch: false };
    return { module: snapshot.module, snapshot: rewritten, decision: decide(rewritten, query.policy) };
  }
  if (place === 'elsewhere') decision.warnings.push(`the commit is not on ${query.branch} any more`);
  return { module: snapshot.module, snapshot, decision };
}

async function readSnapshot(
  remote: Remote,
  update: Update,
  query: Settled,
  refs: LibraryRefs,
  module: GoModule | null,
): Promise<Snapshot> {
  const { commit, filter } = update;
  const signal = query.signal ? { signal: query.signal } : {};
  const facts = {
    branch: query.branch,
    defaultBranch: query.defaultBranch ?? refs.defaultBranch ?? '',
    tags: refs.tags,
    module,
    ledger: query.ledger,
  };
  const plan = planStream(facts, query.policy);
  const candidates = plan.kind === 'stream' ? targetsOf(plan.tags) : [];
  const history = await readHistory(remote, { commit: commit.oid, candidates, filter, ...signal });
  const snapshot: Snapshot = {
    ...facts,
    commit: commit.oid,
    commitMessage: commit.message,
    branches: refs.branches,
    cutBelow: refs.cutBelow,
    relations: history.relations,
    commits: history.commits,
    mergeRequest: query.mergeRequest,
  };
  if (module === null || update.modules.length < 2 || history.base === null) return snapshot;
  const changed = await changedFiles(remote, { from: history.base, to: commit.oid, filter, ...signal });
  const own = changed.some(path => isInModule(path, module, update.modules));
  return { ...snapshot, module: { ...module, changed: own } };
}

/** Lazy, because the first one nearly always is the base, and sorting the others would be for nothing. */
function* targetsOf(tags: StreamTags): Generator<string> {
  for (const tag of candidatesOf(tags)) yield tag.peeled;
}

/**
 * Whether a commit that is about to get a version is still where it was pushed to. A commit that no branch has any more
 * was taken back by its people: go would offer it to everyone as the latest version.
 */
async function findPlace(
  remote: Remote,
  { filter }: Update,
  { commit, branch, signal }: Settled,
  { head }: LibraryRefs,
): Promise<'there' | 'elsewhere' | 'gone'> {
  const options = { filter, ...(signal ? { signal } : {}) };
  if (branch === null || head === commit) return 'there';
  if (head !== null && (await isAncestor(remote, commit, head, options))) return 'there';
  const heads = await listRefs(remote, { prefixes: ['refs/heads/'], ...(signal ? { signal } : {}) });
  const more = await fetchObjects(remote, {
    wants: [commit],
    haves: heads.map(({ oid }) => oid),
    keep: ['commit'],
    ...(filter ? { filter: 'tree:0' } : {}),
    ...(signal ? { signal } : {}),
  });
  return more.has(commit) ? 'gone' : 'elsewhere';
}
