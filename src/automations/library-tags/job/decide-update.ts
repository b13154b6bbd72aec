import { changedFiles } from '../../../git-protocol/changed-files.ts';
import { fetchObjects } from '../../../git-protocol/fetch-objects.ts';
import { isAncestor } from '../../../git-protocol/history.ts';
import { listRefs } from '../../../git-protocol/list-refs.ts';
import type { Remote } from '../../../git-protocol/remote.ts';
import { decide, needsAllTags, planStream } from '../decide.ts';
import { isInModule } from '../go-modules.ts';
import { type GoModule, streamOf } from '../module-path.ts';
import type { Decision, MergeRequestFact, Policy, Snapshot } from '../snapshot.ts';
import { once, type Retry } from './patience.ts';
import { type LibraryRefs, readRefs } from './read-refs.ts';
import type { Update } from './read-update.ts';
import { type KnownHistory, readRelations } from './relations.ts';

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
  /** Around each request, so that one that fails does not take the others with it; unless told, a failure is the end. */
  retry?: Retry;
  /** By module directory, what earlier looks at the same commit found; filled by each look. */
  known?: Map<string, KnownHistory>;
  /** Whether an earlier look found the commit where it was pushed to. */
  placed?: boolean;
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
  const { retry = once } = asked;
  const [refs, facts, mergeRequest] = await Promise.all([
    retry(() => readRefs(remote, asked)),
    update,
    asked.mergeRequest,
  ]);
  const query: Settled = { ...asked, retry, mergeRequest };
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

type Settled = UpdateQuery & { mergeRequest: MergeRequestFact | null; retry: Retry };

async function decideModule(
  remote: Remote,
  update: Update,
  query: Settled,
  refs: LibraryRefs,
  module: GoModule | null,
): Promise<ModuleDecision> {
  let snapshot = await readSnapshot(remote, update, query, refs, module);
  if (needsAllTags(snapshot, query.policy)) {
    const all = await query.retry(() => readRefs(remote, { ...query, all: true }));
    snapshot = await readSnapshot(remote, update, query, all, module);
  }
  const decision = decide(snapshot, query.policy);
  if (decision.action !== 'create' || query.placed) return { module: snapshot.module, snapshot, decision };
  const place = await query.retry(() => findPlace(remote, update, query, refs));
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
  const history =
    plan.kind === 'stream'
      ? await query.retry(() => {
          const known = query.known?.get(module?.dir ?? '');
          return readRelations(remote, { commit: commit.oid, tags: plan.tags, filter, known, ...signal });
        })
      : { relations: {}, commits: [commit], base: null };
  query.known?.set(module?.dir ?? '', history);
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
  const range = { from: history.base, to: commit.oid, filter, ...signal };
  const changed = await query.retry(() => changedFiles(remote, range));
  const own = changed.some(path => isInModule(path, module, update.modules));
  return { ...snapshot, module: { ...module, changed: own } };
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
