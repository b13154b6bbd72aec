import { GitError } from './git-error.ts';
import { ZERO_SHA } from './ref-store.ts';
import { gitLine } from './run-git.ts';
import type { FileAction, FilesChange } from './types.ts';

/** The revision a files commit is put on top of, null for the first one of all; GitLab's refusals when there is none. */
export function startOfCommit(change: FilesChange, before: string, isEmptyRepository: boolean): string | null {
  const { branch, startRevision, force } = change;
  const isNew = before === ZERO_SHA || force === true;
  if (startRevision !== undefined && startRevision !== branch) {
    if (isNew) return startRevision;
    const hint = 'Switch to that branch in order to make changes';
    throw new GitError('exists', `A branch called '${branch}' already exists. ${hint}`);
  }
  if (before !== ZERO_SHA) return before;
  if (isEmptyRepository) return null;
  throw new GitError('invalid', 'You can only create or edit files when you are on a branch');
}

/** Refuses an edit whose writer had seen an older state of the file. */
export async function checkUnchanged(directory: string, parent: string | null, actions: FileAction[]): Promise<void> {
  for (const action of actions) {
    if (action.lastCommitId === undefined || parent === null) continue;
    const path = action.previousPath ?? action.path;
    const last = await gitLine(directory, ['rev-list', '--max-count=1', parent, '--', path]);
    if (last === action.lastCommitId) continue;
    if (actions.length > 1) {
      throw new GitError('conflict', `The file has changed since you started editing it: ${path}`);
    }
    throw new GitError(
      'conflict',
      action.action === 'delete'
        ? 'You are attempting to delete a file that has been previously updated.'
        : 'You are attempting to update a file that has changed since you started editing it.',
    );
  }
}
