import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A program as it was: of this commit of our own history, and the last migration that it knew. */
export interface Earlier {
  commit: string;
  schema: string;
}

/**
 * Lays the program of an earlier commit into `directory`, with the libraries of today.
 *
 * @returns what starts it, or null where the history is not there, as in a shallow clone
 */
export async function layEarlierProgram({ commit }: Earlier, directory: string): Promise<string | null> {
  const git = (...args: string[]) => promisify(execFile)('git', ['-C', ROOT, ...args]);
  if (!(await git('cat-file', '-e', `${commit}^{commit}`).catch(() => null))) return null;
  await mkdir(directory, { recursive: true });
  const archive = spawn('git', ['-C', ROOT, 'archive', commit, 'bin', 'src', 'package.json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const unpack = spawn('tar', ['-x', '-C', directory], { stdio: [archive.stdout, 'ignore', 'inherit'] });
  const [[archived], [unpacked]] = await Promise.all([once(archive, 'exit'), once(unpack, 'exit')]);
  if (archived !== 0 || unpacked !== 0) throw new Error(`${commit} could not be laid out`);
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  return join(directory, 'bin', 'signalbox.js');
}
