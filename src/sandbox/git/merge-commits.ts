import { GitError } from './git-error.ts';
import { formatIdentity } from './identity.ts';
import { EMPTY_TREE, type ObjectStore } from './object-store.ts';
import { gitLine, tryGit } from './run-git.ts';
import type { CommitInfo, Identity } from './types.ts';

/** The tree that merging two commits gives, null on a conflict; GitError if they have no common history. */
export async function mergeTree(directory: string, ours: string, theirs: string): Promise<string | null> {
  const result = await tryGit(directory, ['merge-tree', '--write-tree', '--no-messages', '--name-only', ours, theirs]);
  if (result.code === 0) return result.stdout.toString('utf8').trim();
  if (result.code === 1) return null;
  if (/unrelated histories/.test(result.stderr)) {
    throw new GitError('unrelated', 'refusing to merge unrelated histories');
  }
  throw new GitError('invalid', result.stderr.trim());
}

/** Writes a commit object byte for byte as asked; gives its sha. */
export function writeCommit(
  objects: ObjectStore,
  commit: { tree: string; parents: string[]; message: string; author: Identity | string; committer: Identity },
): Promise<string> {
  const author = typeof commit.author === 'string' ? commit.author : formatIdentity(commit.author);
  const head = [
    `tree ${commit.tree}`,
    ...commit.parents.map(parent => `parent ${parent}`),
    `author ${author}`,
    `committer ${formatIdentity(commit.committer)}`,
  ];
  return objects.write('commit', `${head.join('\n')}\n\n${commit.message}`);
}

/**
 * The tree of `ours` with the change from `base` to `theirs` applied: a cherry-pick, and with base and theirs swapped a
 * revert. git 2.38 cannot be told a merge base, so three parentless stand-ins give the merge exactly these three trees.
 */
export async function applyChange(
  objects: ObjectStore,
  trees: { base: string; ours: string; theirs: string },
): Promise<string | null> {
  const stand: Identity = { name: 'sandbox', email: 'sandbox@example.com', date: '2000-01-01T00:00:00Z' };
  if (trees.base === EMPTY_TREE) await gitLine(objects.directory, ['mktree'], '');
  const write = (tree: string, parents: string[]) =>
    writeCommit(objects, { tree, parents, message: 'stand-in', author: stand, committer: stand });
  const base = await write(trees.base, []);
  // Equal trees would make equal commits and so a fast-forward, which is right all the same.
  const [ours, theirs] = await Promise.all([write(trees.ours, [base]), write(trees.theirs, [base])]);
  return mergeTree(objects.directory, ours, theirs);
}

/** The tree a commit is compared with: its first parent's, or the empty one. */
export async function parentTree(objects: ObjectStore, commit: CommitInfo): Promise<string> {
  const parent = commit.parentShas[0];
  return parent === undefined ? EMPTY_TREE : ((await objects.peel(parent))?.treeSha ?? EMPTY_TREE);
}

export const CANNOT_APPLY = {
  pick:
    'Sorry, we cannot cherry-pick this commit automatically. This commit may already have been cherry-picked, or a ' +
    'more recent commit may have updated some of its content.',
  revert:
    'Sorry, we cannot revert this commit automatically. This commit may already have been reverted, or a more recent ' +
    'commit may have updated some of its content.',
} as const;

/** Writes the commit that picks or reverts another one on top of `head`. */
export async function writePick(
  objects: ObjectStore,
  kind: 'pick' | 'revert',
  commit: CommitInfo,
  head: CommitInfo,
  change: { author: Identity; message?: string | undefined },
): Promise<string> {
  const before = await parentTree(objects, commit);
  const [base, theirs] = kind === 'pick' ? [before, commit.treeSha] : [commit.treeSha, before];
  const tree = await applyChange(objects, { base, ours: head.treeSha, theirs });
  if (tree === null) throw new GitError('conflict', CANNOT_APPLY[kind]);
  if (tree === head.treeSha) throw new GitError('empty', CANNOT_APPLY[kind]);
  const message =
    kind === 'pick'
      ? `${commit.message.trimEnd()}\n\n(cherry picked from commit ${commit.sha})`
      : `Revert "${commit.message.split('\n', 1)[0]?.trim()}"\n\nThis reverts commit ${commit.sha}`;
  // A picked commit keeps its author; who picks is the committer. A revert is all the reverter's own.
  const author: Identity =
    kind === 'pick' ? { name: commit.authorName, email: commit.authorEmail, date: commit.authoredDate } : change.author;
  return writeCommit(objects, {
    tree,
    parents: [head.sha],
    message: change.message ?? message,
    author,
    committer: change.author,
  });
}
