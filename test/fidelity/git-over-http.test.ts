import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';

const run = promisify(execFile);
let sandbox: Sandbox;
let directory: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  directory = await mkdtemp(join(tmpdir(), 'sandbox-git-http-'));
});
afterAll(async () => {
  await sandbox.close();
  await rm(directory, { recursive: true, force: true });
});

const ENV = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Pusher',
  GIT_AUTHOR_EMAIL: 'p@example.com',
  GIT_COMMITTER_NAME: 'Pusher',
  GIT_COMMITTER_EMAIL: 'p@example.com',
};

async function git(...args: string[]): Promise<{ code: number; out: string }> {
  try {
    const { stdout, stderr } = await run('git', args, { cwd: directory, env: ENV, timeout: 20_000 });
    return { code: 0, out: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout + stderr };
  }
}

function remote(user: string, path = 'acme/appliance'): string {
  return `${sandbox.gitlab.url.replace('http://', `http://oauth2:glpat-sandbox-${user}@`)}/${path}.git`;
}

async function api(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = { 'PRIVATE-TOKEN': 'glpat-sandbox-admin' };
  const answer = await fetch(`${sandbox.gitlab.url}/api/v4/projects/acme%2Fappliance${path}`, { headers });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

it('clones, pushes a branch and a tag, deletes both: the API sees it all', async () => {
  expect((await git('clone', '-q', remote('developer'), 'work')).code).toBe(0);
  await writeFile(join(directory, 'work', 'pushed.txt'), 'pushed\n');
  expect((await git('-C', 'work', 'checkout', '-q', '-b', 'topic/pushed-#1')).code).toBe(0);
  await git('-C', 'work', 'add', '-A');
  await git('-C', 'work', 'commit', '-q', '-m', 'Pushed over HTTP');
  const sha = (await git('-C', 'work', 'rev-parse', 'HEAD')).out.trim();
  const push = await git('-C', 'work', 'push', 'origin', 'HEAD', 'HEAD:refs/tags/pushed-1');
  expect(push.code).toBe(0);
  await sandbox.settled();
  expect((await api('/repository/branches/topic%2Fpushed-%231')).body).toMatchObject({ commit: { id: sha } });
  expect((await api('/repository/tags/pushed-1')).body).toMatchObject({ target: sha });
  expect((await git('-C', 'work', 'push', 'origin', '--delete', 'topic/pushed-#1', 'pushed-1')).out).toContain(
    '[deleted]',
  );
  expect((await api('/repository/tags/pushed-1')).status).toBe(404);
});

it('refuses what GitLab refuses: protected branches, guests, strangers, and wrong tokens', async () => {
  const refused = await git('-C', 'work', 'push', 'origin', 'HEAD:main');
  expect(refused.code).toBe(1);
  expect(refused.out).toContain(
    'remote: GitLab: You are not allowed to push code to protected branches on this project.',
  );
  expect(refused.out).toContain('! [remote rejected] HEAD -> main (pre-receive hook declined)');
  expect((await git('-C', 'work', 'push', remote('maintainer'), 'HEAD:main')).code).toBe(0);
  expect((await git('-C', 'work', 'push', remote('reporter'), 'HEAD:x')).out).toContain('403');
  expect((await git('ls-remote', remote('stranger'))).out).toContain('not found');
  expect((await git('ls-remote', remote('nobody-has-this'))).out).toMatch(
    /Authentication failed|HTTP Basic: Access denied/,
  );
  expect((await git('ls-remote', `${sandbox.gitlab.url}/acme/appliance.git`)).code).not.toBe(0);
});

it('shows merge request heads and takes a CI job token', async () => {
  const create = await fetch(`${sandbox.gitlab.url}/api/v4/projects/acme%2Fappliance/merge_requests`, {
    method: 'POST',
    headers: { 'PRIVATE-TOKEN': 'glpat-sandbox-admin', 'content-type': 'application/json' },
    body: JSON.stringify({ source_branch: 'fix/backup', target_branch: 'main', title: 'Fix' }),
  });
  expect(create.status).toBe(201);
  await sandbox.settled();
  expect((await git('ls-remote', remote('reporter'), 'refs/merge-requests/*')).out).toMatch(
    /^[0-9a-f]{40}\trefs\/merge-requests\/1\/head/m,
  );
  const url = sandbox.gitlab.url.replace('http://', 'http://gitlab-ci-token:glcbt-sandbox-job@');
  expect((await git('ls-remote', '--tags', `${url}/acme/lib-ssh.git`)).out).toContain('refs/tags/v1.4.2');
});
