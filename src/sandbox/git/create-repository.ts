import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GitError } from './git-error.ts';
import { gitLine, runGit } from './run-git.ts';

let checked: Promise<void> | null = null;

/** `merge-tree --write-tree` came with 2.38: better to say so at once than to fail in the first merge. */
function checkGitVersion(): Promise<void> {
  checked ??= gitLine('/', ['version']).then(text => {
    const match = /(\d+)\.(\d+)/.exec(text);
    const isNew = match !== null && (Number(match[1]) > 2 || (Number(match[1]) === 2 && Number(match[2]) >= 38));
    if (!isNew) throw new GitError('invalid', `the sandbox needs git 2.38 or newer, this is ${text}`);
  });
  return checked;
}

/** Makes an empty bare repository at a path; GitError exists if there is one already. */
export async function initRepository(directory: string, defaultBranch: string): Promise<string> {
  await checkGitVersion();
  const path = resolve(directory);
  if (await isRepository(path)) throw new GitError('exists', `${path} is already a repository`);
  await mkdir(path, { recursive: true });
  // No template: sample hooks and descriptions are a dozen files that nobody reads.
  await runGit(path, ['init', '--quiet', '--bare', '--template=', `--initial-branch=${defaultBranch}`]);
  return path;
}

/** The absolute path of an existing bare repository; GitError not-found otherwise. */
export async function findRepository(directory: string): Promise<string> {
  await checkGitVersion();
  const path = resolve(directory);
  if (!(await isRepository(path))) throw new GitError('not-found', `${path} is not a bare git repository`);
  return path;
}

async function isRepository(path: string): Promise<boolean> {
  try {
    return (await stat(join(path, 'HEAD'))).isFile() && (await stat(join(path, 'objects'))).isDirectory();
  } catch {
    return false;
  }
}
