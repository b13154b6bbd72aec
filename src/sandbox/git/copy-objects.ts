import { spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';
import { gitEnvironment } from './git-environment.ts';
import { GitError } from './git-error.ts';
import { spawnError } from './run-git.ts';

function start(directory: string, args: string[]) {
  const child = spawn('git', args, { env: gitEnvironment(directory), cwd: '/', stdio: 'pipe' });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', error => reject(spawnError(error)));
    child.on('close', code => (code === 0 ? resolve() : reject(new GitError('invalid', stderr.trim()))));
  });
  return { child, ended };
}

/**
 * Copies a commit and its history from one bare repository into another, without what `known` (commits that both have)
 * already reaches. A plain pack, not `git fetch`: no transport, no questions of ownership, no refs touched.
 */
export async function copyObjects(from: string, to: string, sha: string, known: string[]): Promise<void> {
  const packing = start(from, ['pack-objects', '--quiet', '--stdout', '--revs', '--thin']);
  const indexing = start(to, ['index-pack', '--stdin', '--fix-thin']);
  indexing.child.stdout.resume();
  packing.child.stdin.end(`${sha}\n${known.map(one => `^${one}\n`).join('')}`);
  await Promise.all([
    pipeline(packing.child.stdout, indexing.child.stdin).catch(() => {}),
    packing.ended,
    indexing.ended,
  ]);
}
