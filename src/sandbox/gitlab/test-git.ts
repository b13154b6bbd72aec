import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Sandbox } from '../start-sandbox.ts';

const run = promisify(execFile);
/** Nothing of whoever runs the tests: no settings, no prompts, a name of its own. */
export const GIT_ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Developer',
  GIT_AUTHOR_EMAIL: 'developer@example.com',
  GIT_COMMITTER_NAME: 'Developer',
  GIT_COMMITTER_EMAIL: 'developer@example.com',
};

/** Clones with real git, adds one commit on main's head, and pushes the refspecs. Throws with git's words when refused. */
export async function gitPush(
  sandbox: Sandbox,
  refspecs: string[],
  options: { project?: string; token?: string; message?: string } = {},
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-push-'));
  const { host } = new URL(sandbox.gitlab.url);
  const url = `http://oauth2:${options.token ?? 'glpat-sandbox-maintainer'}@${host}/${options.project ?? 'acme/appliance'}.git`;
  try {
    const git = (...args: string[]) => run('git', ['-C', directory, ...args], { env: GIT_ENVIRONMENT });
    await run('git', ['clone', '--quiet', url, directory], { env: GIT_ENVIRONMENT });
    await git('commit', '--quiet', '--allow-empty', '--message', options.message ?? 'A commit');
    const { stderr } = await git('push', '--quiet', 'origin', ...refspecs);
    return stderr;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
