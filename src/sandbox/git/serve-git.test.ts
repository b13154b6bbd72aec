import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildHistory } from './history.ts';
import { FLUSH_PKT, pktLine } from './pkt-line.ts';
import { createRepository, type RefUpdate, type Repository, ZERO_SHA } from './repository.ts';
import { type GitRequest, serveGit } from './serve-git.ts';

const run = promisify(execFile);
const ada = { name: 'Ada', email: 'ada@example.com', date: '2026-01-01T00:00:00Z' };
const CLIENT_ENV = {
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

let directory: string;
let repository: Repository;
let server: Server;
let url: string;
let context: Omit<GitRequest, 'service'>;
let handled: Promise<void>[];
let told: { updates: RefUpdate[]; by: string | null }[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sandbox-serve-'));
  repository = await createRepository(join(directory, 'server.git'));
  await buildHistory(repository, [
    { commit: 'one', branch: 'main', author: ada, files: { a: '1\n' } },
    { commit: 'two', branch: 'main', author: ada, files: { a: '2\n' } },
    { tag: 'v1', at: 'main', message: 'Version 1', tagger: ada },
  ]);
  context = { userName: 'ada', mayPush: true };
  told = [];
  handled = [];
  repository.onUpdate((updates, by) => void told.push({ updates, by }));
  server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0]!.slice('/p.git'.length) as GitRequest['service'];
    handled.push(serveGit(repository, request, response, { ...context, service: path }));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/p.git`;
});
afterEach(async () => {
  await Promise.allSettled(handled);
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
  repository.close();
  await rm(directory, { recursive: true, force: true });
});

/** Runs the real git client; gives both its outputs, and its exit code instead of an exception. */
async function git(...args: string[]): Promise<{ code: number; out: string }> {
  try {
    const { stdout, stderr } = await run('git', args, { cwd: directory, env: CLIENT_ENV, timeout: 20_000 });
    return { code: 0, out: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout + stderr };
  }
}

async function clone(...options: string[]): Promise<(...args: string[]) => ReturnType<typeof git>> {
  expect(await git('clone', '-q', ...options, url, 'work')).toEqual({ code: 0, out: '' });
  return (...args) => git('-C', 'work', ...args);
}

async function commit(work: Awaited<ReturnType<typeof clone>>, name: string): Promise<string> {
  await writeFile(join(directory, 'work', name), `${name}\n`);
  await work('add', '-A');
  expect((await work('commit', '-q', '-m', `Add ${name}`)).code).toBe(0);
  return (await work('rev-parse', 'HEAD')).out.trim();
}

it.each(['0', '1', '2'])('is cloned, fetched and listed in protocol version %s', async version => {
  const protocol = ['-c', `protocol.version=${version}`];
  const head = await repository.resolve('main');
  await repository.updateRef('refs/merge-requests/1/head', head);
  await repository.updateRef('refs/keep-around/x', head);
  const listed = await git(...protocol, 'ls-remote', url);
  const refs = listed.out
    .trim()
    .split('\n')
    .map(line => line.split('\t')[1]);
  expect(refs).toEqual(['HEAD', 'refs/heads/main', 'refs/merge-requests/1/head', 'refs/tags/v1', 'refs/tags/v1^{}']);
  expect((await git(...protocol, 'clone', '-q', '--depth=1', url, 'shallow')).code).toBe(0);
  expect((await git('-C', 'shallow', 'rev-list', '--count', 'HEAD')).out.trim()).toBe('1');
  expect((await git(...protocol, 'clone', '-q', '--filter=blob:none', '--no-checkout', url, 'partial')).code).toBe(0);
  expect((await git(...protocol, 'clone', '-q', url, 'work')).out).toBe('');
  const action = { action: 'create' as const, path: 'new', content: Buffer.from('n') };
  const { sha } = await repository.commitFiles({ branch: 'main', message: 'by API', author: ada, actions: [action] });
  expect((await git('-C', 'work', ...protocol, 'fetch', '-q')).code).toBe(0);
  expect((await git('-C', 'work', 'rev-parse', 'origin/main')).out.trim()).toBe(sha);
  expect((await git('-C', 'work', ...protocol, 'fetch', '-q', 'origin', `${head}`)).code).toBe(0);
});

it('takes pushes of branches, tags and deletions, and tells of each once with all its refs', async () => {
  const work = await clone();
  const before = (await repository.resolve('main'))!;
  const sha = await commit(work, 'pushed');
  told.length = 0;
  expect(
    (await work('push', '-q', 'origin', 'main', 'main:refs/heads/grüße/a#b%20`x`', 'main:refs/tags/v2')).code,
  ).toBe(0);
  expect(told).toEqual([
    {
      by: 'ada',
      updates: [
        { ref: 'refs/heads/main', before, after: sha },
        { ref: 'refs/heads/grüße/a#b%20`x`', before: ZERO_SHA, after: sha },
        { ref: 'refs/tags/v2', before: ZERO_SHA, after: sha },
      ],
    },
  ]);
  expect((await repository.commit('main'))?.title).toBe('Add pushed');
  expect((await repository.readFile('main', 'pushed'))?.content.toString()).toBe('pushed\n');
  expect((await work('push', '-q', 'origin', '--delete', 'v2', 'main')).code).toBe(0);
  expect(told[1]?.updates.map(update => [update.ref, update.after]).sort()).toEqual([
    ['refs/heads/main', ZERO_SHA],
    ['refs/tags/v2', ZERO_SHA],
  ]);
  expect(await repository.resolve('v2')).toBeNull();
});

it('keeps an atomic push whole, and tells only what really moved of another', async () => {
  const work = await clone();
  const action = { action: 'create' as const, path: 'ahead', content: Buffer.from('n') };
  await repository.commitFiles({ branch: 'main', message: 'ahead', author: ada, actions: [action] });
  await commit(work, 'late');
  const refs = ['main:refs/heads/side', 'main'];
  told.length = 0;
  // The client itself would see the non-fast-forward: it must believe in the state it knows, so the server has to refuse.
  expect((await work('push', '--atomic', 'origin', ...refs)).code).toBe(1);
  expect(await repository.resolve('side')).toBeNull();
  expect((await work('push', 'origin', ...refs)).out).toContain('[rejected]');
  expect(told.map(one => one.updates.map(update => update.ref))).toEqual([['refs/heads/side']]);
  expect((await work('push', '-q', '--force', 'origin', 'main')).code).toBe(0);
});

it('reports a refusal the way git does, and moves nothing', async () => {
  const work = await clone();
  await commit(work, 'no');
  const seen: RefUpdate[][] = [];
  context.preReceive = updates => {
    seen.push(updates);
    return 'GitLab: You are not allowed to push code to protected branches on this project.';
  };
  const head = await repository.resolve('main');
  const { code, out } = await work('push', 'origin', 'main', 'main:other');
  expect(code).toBe(1);
  expect(out).toContain('remote: GitLab: You are not allowed to push code to protected branches on this project.');
  expect(out).toMatch(/! \[remote rejected\] main -> main \(pre-receive hook declined\)/);
  expect(out).toMatch(/! \[remote rejected\] main -> other \(pre-receive hook declined\)/);
  expect(seen[0]?.map(update => update.ref).sort()).toEqual(['refs/heads/main', 'refs/heads/other']);
  expect(await repository.resolve('main')).toBe(head);
  expect(told).toEqual([]);
});

it('hands on push options and shows a message afterwards', async () => {
  const work = await clone();
  await commit(work, 'mr');
  let seen: string[] = [];
  context.postReceive = (updates, options) => {
    seen = [...updates.map(update => update.ref), ...options];
    return '\nTo create a merge request for topic, visit:\n  http://example.com/new\n';
  };
  const push = await work(
    'push',
    '-o',
    'merge_request.create',
    '-o',
    'merge_request.title=Ü x',
    'origin',
    'main:topic',
  );
  expect(push.code).toBe(0);
  expect(push.out).toContain('remote: To create a merge request for topic, visit:');
  expect(push.out).toContain('[new branch]');
  expect(seen).toEqual(['refs/heads/topic', 'merge_request.create', 'merge_request.title=Ü x']);
});

it('takes a big push, which comes in chunks after a probe, and refuses refs that GitLab keeps', async () => {
  const work = await clone();
  const noise = Buffer.alloc(3 * 1024 * 1024);
  for (let index = 0; index < noise.length; index += 4) noise.writeUInt32LE((index * 2_654_435_761) >>> 0, index);
  await writeFile(join(directory, 'work', 'noise'), noise);
  await commit(work, 'big');
  expect((await work('-c', 'http.postBuffer=65536', 'push', '-q', 'origin', 'main')).code).toBe(0);
  expect((await repository.readFile('main', 'noise'))?.content.equals(noise)).toBe(true);
  const hidden = await work('push', 'origin', 'main:refs/merge-requests/9/head');
  expect(hidden.out).toContain('deny updating a hidden ref');
});

it('lets nobody push who may not, and asks a stranger who they are', async () => {
  const work = await clone();
  await commit(work, 'x');
  context.mayPush = false;
  expect((await work('push', 'origin', 'main')).out).toContain('error: 403');
  context.userName = null;
  expect((await work('push', 'origin', 'main')).out).toMatch(/Authentication failed|could not read Username/);
  const answer = await fetch(`${url}/info/refs?service=git-receive-pack`);
  expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="GitLab"']);
});

it('answers what is no smart HTTP request, and reads gzip', async () => {
  expect((await fetch(`${url}/info/refs`)).status).toBe(403);
  expect((await fetch(`${url}/git-upload-pack`)).status).toBe(405);
  expect((await fetch(`${url}/git-upload-pack`, { method: 'POST', body: 'x' })).status).toBe(415);
  const body = Buffer.concat([pktLine('command=ls-refs\n'), Buffer.from('0001'), pktLine('peel\n'), FLUSH_PKT]);
  const answer = await fetch(`${url}/git-upload-pack`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-git-upload-pack-request',
      'content-encoding': 'gzip',
      'git-protocol': 'version=2',
    },
    body: gzipSync(body),
  });
  expect(await answer.text()).toContain('refs/tags/v1 peeled:');
});

it('survives a client that goes away in the middle of a push', async () => {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  const command = `${ZERO_SHA} ${'1'.repeat(40)} refs/heads/half\0report-status`;
  socket.write(
    'POST /p.git/git-receive-pack HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n' +
      'Content-Type: application/x-git-receive-pack-request\r\n\r\n',
  );
  socket.write(Buffer.concat([pktLine(command), FLUSH_PKT, Buffer.from('PACK\0\0\0\x02\0\0\0\x01half')]));
  await new Promise<void>(resolve => server.once('request', () => resolve()));
  socket.destroy();
  await Promise.allSettled(handled);
  // The lock is free again, and nothing came of it.
  await repository.createBranch('after', 'main');
  expect(await repository.resolve('half')).toBeNull();
});

it('mixes pushes and API commits without losing either', async () => {
  const work = await clone();
  const shas = await Promise.all(
    Array.from({ length: 6 }, async (_, index) => {
      const action = { action: 'create' as const, path: `api${index}`, content: Buffer.from('n') };
      const change = { branch: 'main', message: `api ${index}`, author: ada, actions: [action] };
      const [commitInfo, push] = await Promise.all([
        repository.commitFiles(change),
        work('push', '-q', 'origin', `HEAD:refs/heads/p${index}`),
      ]);
      expect(push.code).toBe(0);
      return commitInfo.sha;
    }),
  );
  expect(await repository.commitCount('v1', 'main')).toBe(6);
  expect(new Set(shas).size).toBe(6);
  expect((await repository.branches()).map(branch => branch.name)).toEqual([
    'main',
    'p0',
    'p1',
    'p2',
    'p3',
    'p4',
    'p5',
  ]);
});
