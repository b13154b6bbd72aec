import type { Repository } from './types.ts';

export { GitError } from './git-error.ts';
export type * from './types.ts';

/** Makes an empty bare repository. */
export async function createRepository(
  _directory: string,
  _options: { defaultBranch?: string } = {},
): Promise<Repository> {
  throw new Error('The git layer is under construction');
}

/** Opens a bare repository that is there already. */
export async function openRepository(_directory: string): Promise<Repository> {
  throw new Error('The git layer is under construction');
}
