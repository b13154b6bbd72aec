import { BoundedCache } from './bounded-cache.ts';
import { createBranch, deleteRef, listBranches, refsContaining } from './branches.ts';
import { writeFilesCommit } from './commit-files.ts';
import { checkUnchanged, startOfCommit } from './commit-start.ts';
import { copyObjects } from './copy-objects.ts';
import { findRepository, initRepository } from './create-repository.ts';
import { diffStats, diffTrees } from './diff.ts';
import { GitError } from './git-error.ts';
import { isCacheable, logShas, logStart } from './log.ts';
import { mergeInto, pickOnto, rebaseBranch } from './merge.ts';
import { mergeTree, parentTree } from './merge-commits.ts';
import { EMPTY_TREE } from './object-store.ts';
import { entryAt, listTree } from './paths.ts';
import { refOf } from './ref-name.ts';
import { ZERO_SHA } from './ref-store.ts';
import { gitLine, runGit, tryGit } from './run-git.ts';
import { headBranch, openStore, requireRevision, resolveRevision, type Store, write } from './store.ts';
import { createTag, describeTag, listTags } from './tags.ts';
import type * as Git from './types.ts';

export { GitError } from './git-error.ts';
export { ZERO_SHA } from './ref-store.ts';
export type * from './types.ts';

/** Makes an empty bare repository; GitError exists if there is one at this path already. */
export async function createRepository(
  directory: string,
  options: { defaultBranch?: string } = {},
): Promise<Git.Repository> {
  return new GitRepository(await initRepository(directory, options.defaultBranch ?? 'main'));
}

/** Opens a bare repository; only one handle may write to it at a time, since each keeps its own picture of the refs. */
export async function openRepository(directory: string): Promise<Git.Repository> {
  return new GitRepository(await findRepository(directory));
}

/** For the other files of this folder (serving, importing): the shared parts behind a handle. */
export function storeOf(repository: Git.Repository): Store {
  if (!(repository instanceof GitRepository)) throw new TypeError('not a repository of the sandbox');
  return repository.store;
}

interface Derived<T> {
  generation: number;
  value: Promise<T>;
}

class GitRepository implements Git.Repository {
  readonly path: string;
  readonly store: Store;
  readonly #logs = new BoundedCache<string[]>(500_000);
  readonly #answers = new BoundedCache<unknown>(100_000);
  readonly #diffs = new BoundedCache<Git.FileDiff[]>(16 * 1024 * 1024);
  #branches: Derived<{ name: string; sha: string }[]> | null = null;
  #tags: Derived<readonly Git.TagInfo[]> | null = null;

  constructor(path: string) {
    this.path = path;
    this.store = openStore(path);
  }

  resolve(revision: string): Promise<string | null> {
    return resolveRevision(this.store, revision);
  }

  async commit(revision: string): Promise<Git.CommitInfo | null> {
    const sha = await this.resolve(revision);
    return sha === null ? null : this.store.objects.peel(sha);
  }

  async log(query: Git.LogQuery): Promise<Git.CommitInfo[]> {
    const start =
      query.all === true ? [] : await logStart(query.revision ?? 'HEAD', query.not ?? [], name => this.resolve(name));
    const run = () => logShas(this.path, query, start);
    const key = JSON.stringify([start, { ...query, revision: null, not: null }]);
    const shas = isCacheable(query) ? await this.#logs.through(key, run, list => list.length + 1) : await run();
    return this.store.objects.commits(shas);
  }

  async branches(): Promise<{ name: string; sha: string }[]> {
    const { refs } = this.store;
    await refs.all();
    if (this.#branches?.generation !== refs.generation) {
      this.#branches = { generation: refs.generation, value: listBranches(this.store) };
    }
    return this.#branches.value;
  }

  async tags(): Promise<readonly Git.TagInfo[]> {
    const { refs } = this.store;
    await refs.all();
    if (this.#tags?.generation !== refs.generation) {
      const before = this.#tags === null ? [] : await this.#tags.value;
      this.#tags = { generation: refs.generation, value: listTags(this.store, before) };
    }
    return this.#tags.value;
  }

  async tag(name: string): Promise<Git.TagInfo | null> {
    const target = await this.store.refs.get(`refs/tags/${name}`);
    return target === undefined ? null : describeTag(this.store, name, target);
  }

  createBranch(name: string, revision: string): Promise<void> {
    return createBranch(this.store, name, revision);
  }

  deleteBranch(name: string): Promise<void> {
    return deleteRef(this.store, `refs/heads/${name}`, 'Branch Not Found');
  }

  createTag(tag: Parameters<Git.Repository['createTag']>[0]): Promise<Git.TagInfo> {
    return createTag(this.store, tag);
  }

  deleteTag(name: string): Promise<void> {
    return deleteRef(this.store, `refs/tags/${name}`, 'Tag Not Found');
  }

  updateRef(ref: string, sha: string | null, expected?: string): Promise<void> {
    return write(this.store, async () => {
      const now = (await this.store.refs.get(ref)) ?? ZERO_SHA;
      const after = sha ?? ZERO_SHA;
      if (expected !== undefined && expected !== now) throw new GitError('conflict', `${ref} has moved`);
      if (after === now) return { updates: [], result: undefined };
      return { updates: await this.store.refs.move([{ ref, before: now, after }]), result: undefined };
    });
  }

  async mergeBase(revisions: string[]): Promise<string | null> {
    const shas = await Promise.all(revisions.map(revision => requireRevision(this.store, revision)));
    return this.#once(`base ${shas.join(' ')}`, async () => {
      const result = await tryGit(this.path, ['merge-base', ...shas]);
      return result.code === 0 ? result.stdout.toString('utf8').trim() : null;
    });
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    const shas = await Promise.all([ancestor, descendant].map(revision => requireRevision(this.store, revision)));
    return this.#once(
      `ancestor ${shas.join(' ')}`,
      async () => (await tryGit(this.path, ['merge-base', '--is-ancestor', ...shas])).code === 0,
    );
  }

  async readFile(revision: string, path: string): Promise<Git.FileContent | null> {
    const commit = await this.commit(revision);
    if (commit === null) return null;
    const entry = await entryAt(this.store.objects, commit.treeSha, path);
    const content = entry?.type === 'blob' ? await this.store.objects.blob(entry.id) : null;
    if (entry === null || content === null) return null;
    const lastCommitId = await this.#once(`last ${commit.sha} ${entry.path}`, () =>
      gitLine(this.path, ['rev-list', '--max-count=1', commit.sha, '--', entry.path]),
    );
    return { blobId: entry.id, size: content.length, content, mode: entry.mode, lastCommitId };
  }

  async tree(
    revision: string,
    options: { path?: string | undefined; recursive?: boolean | undefined } = {},
  ): Promise<Git.TreeEntry[]> {
    const commit = await this.commit(revision);
    const root = commit === null ? null : await entryAt(this.store.objects, commit.treeSha, options.path ?? '');
    if (root?.type !== 'tree') throw new GitError('not-found', 'invalid revision or path');
    return listTree(this.store.objects, root, options.recursive === true);
  }

  blob(id: string): Promise<Buffer | null> {
    return this.store.objects.blob(id);
  }

  async commitFiles(change: Git.FilesChange): Promise<Git.CommitInfo> {
    const ref = refOf('heads', change.branch);
    const { objects, refs } = this.store;
    return write(this.store, async () => {
      const before = (await refs.get(ref)) ?? ZERO_SHA;
      const start = startOfCommit(change, before, (await this.branches()).length === 0);
      const parent = start === null ? null : await objects.peel(await requireRevision(this.store, start));
      await checkUnchanged(this.path, parent?.sha ?? null, change.actions);
      const sha = await writeFilesCommit(objects, change, parent);
      return { updates: await refs.move([{ ref, before, after: sha }]), result: (await objects.peel(sha))! };
    });
  }

  merge(change: Git.MergeChange): Promise<{ sha: string; squashSha: string | null }> {
    return mergeInto(this.store, change);
  }

  async canMerge(source: string, target: string): Promise<boolean> {
    const [theirs, ours] = await Promise.all([source, target].map(name => requireRevision(this.store, name)));
    return this.#once(`merge ${ours} ${theirs}`, async () => {
      try {
        return (await mergeTree(this.path, ours!, theirs!)) !== null;
      } catch (error) {
        if (error instanceof GitError && error.kind === 'unrelated') return false;
        throw error;
      }
    });
  }

  cherryPick(change: Git.PickChange): Promise<Git.CommitInfo> {
    return pickOnto(this.store, 'pick', change);
  }

  revert(change: Git.PickChange): Promise<Git.CommitInfo> {
    return pickOnto(this.store, 'revert', change);
  }

  rebase(change: { branch: string; onto: string; committer: Git.Identity }): Promise<string> {
    return rebaseBranch(this.store, change);
  }

  async diff(from: string, to: string): Promise<Git.FileDiff[]> {
    const [before, after] = await Promise.all([from, to].map(name => this.#treeOf(name)));
    const weigh = (files: Git.FileDiff[]) => files.reduce((sum, file) => sum + file.diff.length + 200, 0);
    return this.#diffs.through(`${before} ${after}`, () => diffTrees(this.path, before!, after!), weigh);
  }

  async stats(revision: string): Promise<{ additions: number; deletions: number; total: number }> {
    const commit = (await this.store.objects.peel(await requireRevision(this.store, revision)))!;
    return this.#once(`stats ${commit.sha}`, async () =>
      diffStats(this.path, await parentTree(this.store.objects, commit), commit.treeSha),
    );
  }

  async commitCount(from: string, to: string): Promise<number> {
    const [left, right] = await Promise.all([from, to].map(name => requireRevision(this.store, name)));
    return this.#once(`count ${left} ${right}`, async () =>
      Number(await gitLine(this.path, ['rev-list', '--count', `${left}..${right}`])),
    );
  }

  async refsContaining(revision: string): Promise<{ type: 'branch' | 'tag'; name: string }[]> {
    return refsContaining(this.store, await requireRevision(this.store, revision));
  }

  async fetch(other: Git.Repository, sha: string, ref: string): Promise<void> {
    if ((await this.store.objects.find(sha))?.type !== 'commit') {
      const ours = (await this.branches()).map(branch => branch.sha);
      const there = await Promise.all(ours.map(one => storeOf(other).objects.find(one)));
      const known = ours.filter((_, index) => there[index]?.type === 'commit');
      await copyObjects(other.path, this.path, sha, known);
    }
    await this.updateRef(ref, sha);
  }

  headBranch(): Promise<string> {
    return headBranch(this.store);
  }

  async setHeadBranch(name: string): Promise<void> {
    await runGit(this.path, ['symbolic-ref', 'HEAD', refOf('heads', name)]);
    this.store.head = name;
  }

  onUpdate(listener: Git.UpdateListener): void {
    this.store.listeners.push(listener);
  }

  async refresh(): Promise<void> {
    await this.store.writes.run(async () => {
      this.store.refs.forget();
      this.store.head = null;
    });
  }

  close(): void {
    this.store.objects.close();
  }

  async #treeOf(revision: string): Promise<string> {
    if (revision === ZERO_SHA) return EMPTY_TREE;
    return (await this.store.objects.peel(await requireRevision(this.store, revision)))!.treeSha;
  }

  /** Answers about shas never change, so git is asked once. */
  #once<T>(key: string, ask: () => Promise<T>): Promise<T> {
    return this.#answers.through(key, ask) as Promise<T>;
  }
}
