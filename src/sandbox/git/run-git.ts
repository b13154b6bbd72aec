import { spawn } from 'node:child_process';
import { gitEnvironment } from './git-environment.ts';
import { GitError } from './git-error.ts';

export interface GitResult {
  code: number;
  stdout: Buffer;
  stderr: string;
}

const MISSING =
  'git is not installed or not in PATH; the sandbox needs git 2.38 or newer (Debian: apt-get install git)';

/** Turns "no such program" into a sentence; any other error stays what it is. */
export function spawnError(error: NodeJS.ErrnoException): Error {
  return error.code === 'ENOENT' ? new GitError('invalid', MISSING) : error;
}

/** Runs one git command on a bare repository and waits for it; a non-zero exit is a result, not an exception. */
export function tryGit(directory: string, args: string[], input?: Buffer | string): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { env: gitEnvironment(directory), cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', error => reject(spawnError(error)));
    child.on('close', code => {
      resolve({ code: code ?? 1, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') });
    });
    // A command may end without reading all its input; its exit code tells, not our broken pipe.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Runs one git command that must succeed; gives its standard output. */
export async function runGit(directory: string, args: string[], input?: Buffer | string): Promise<Buffer> {
  const result = await tryGit(directory, args, input);
  if (result.code !== 0) {
    throw new GitError('invalid', `git ${args[0]} failed: ${result.stderr.trim() || `exit code ${result.code}`}`);
  }
  return result.stdout;
}

/** As runGit, for commands that print one line of text. */
export async function gitLine(directory: string, args: string[], input?: Buffer | string): Promise<string> {
  return (await runGit(directory, args, input)).toString('utf8').trimEnd();
}
