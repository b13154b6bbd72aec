import { GitError } from './git-error.ts';
import { mergeTree, writeCommit, writePick } from './merge-commits.ts';
import { refOf } from './ref-name.ts';
import { ZERO_SHA } from './ref-store.ts';
import { gitLine, tryGit } from './run-git.ts';
import { requireRevision, type Store, write } from './store.ts';
import type { CommitInfo, Identity, MergeChange, PickChange } from './types.ts';

async function isAncestor(store: Store, ancestor: string, descendant: string): Promise<boolean> {
  return (await tryGit(store.directory, ['merge-base', '--is-ancestor', ancestor, descendant])).code === 0;
}

/** Merges a source into a target branch the way a project's merge method says; GitError conflict if that cannot be. */
export async function mergeInto(store: Store, change: MergeChange): Promise<{ sha: string; squashSha: string | null }> {
  const ref = refOf('heads', change.target);
  return write(store, async () => {
    const [source, target] = await Promise.all([requireRevision(store, change.source), requireRevision(store, ref)]);
    const isForward = await isAncestor(store, target, source);
    if (change.method === 'ff' && !isForward) {
      throw new GitError('conflict', 'Fast-forward merge is not possible. Rebase the source branch onto the target.');
    }
    const author = change.author;
    const commit = async (parents: string[], message: string) => {
      const tree = await mergeTree(store.directory, target, source);
      if (tree === null) throw new GitError('conflict', `merging ${change.source} into ${change.target} conflicts`);
      return writeCommit(store.objects, { tree, parents, message, author, committer: author });
    };
    const squashSha = change.squashMessage === undefined ? null : await commit([target], change.squashMessage);
    const head = squashSha ?? source;
    const sha = change.method === 'ff' ? head : await commit([target, head], change.message);
    const updates = await store.refs.move([{ ref, before: target, after: sha }]);
    return { updates, result: { sha, squashSha } };
  });
}

/** Cherry-picks or reverts a commit on a branch; a dry run says whether it would work and moves nothing. */
export async function pickOnto(store: Store, kind: 'pick' | 'revert', change: PickChange): Promise<CommitInfo> {
  const ref = refOf('heads', change.branch);
  return write(store, async () => {
    const before = (await store.refs.get(ref)) ?? ZERO_SHA;
    const head = await requireRevision(store, before === ZERO_SHA ? (change.startRevision ?? ref) : ref);
    const [commit, onto] = await store.objects.commits([await requireRevision(store, change.commit), head]);
    const sha = await writePick(store.objects, kind, commit!, onto!, change);
    const updates = change.dryRun === true ? [] : await store.refs.move([{ ref, before, after: sha }]);
    return { updates, result: (await store.objects.peel(sha))! };
  });
}

/** Replays a branch's own commits on top of another revision, leaving merges and what is there already out. */
export async function rebaseBranch(
  store: Store,
  change: { branch: string; onto: string; committer: Identity },
): Promise<string> {
  const ref = refOf('heads', change.branch);
  return write(store, async () => {
    const [before, onto] = await Promise.all([requireRevision(store, ref), requireRevision(store, change.onto)]);
    if (await isAncestor(store, onto, before)) return { updates: [], result: before };
    const range = ['rev-list', '--reverse', '--no-merges', '--cherry-pick', '--right-only', `${onto}...${before}`];
    const own = await gitLine(store.directory, range);
    let head = (await store.objects.peel(onto))!;
    for (const commit of await store.objects.commits(own === '' ? [] : own.split('\n'))) {
      const pick = { author: change.committer, message: commit.message };
      try {
        head = (await store.objects.peel(await writePick(store.objects, 'pick', commit, head, pick)))!;
      } catch (error) {
        if (error instanceof GitError && error.kind === 'empty') continue;
        throw error;
      }
    }
    const updates = await store.refs.move([{ ref, before, after: head.sha }]);
    return { updates, result: head.sha };
  });
}
