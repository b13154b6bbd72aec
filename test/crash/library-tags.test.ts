import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { CRASH_POINTS } from '../../src/engine/crash-point.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { eventually, person } from '../support/sandbox-client.ts';
import { HOOK_SECRET, type Installation, install } from '../support/service-process.ts';

// A restart after a kill waits until an uncertain call can no longer take effect: ten seconds by design, more on a busy machine.
vi.setConfig({ testTimeout: 120_000, maxConcurrency: 2 });

const run = promisify(execFile);
const PROJECT = '/projects/acme%2Flib-ssh';

/** The first passages are the list of libraries and the look that comes of it; the push comes after them. */
const PASSAGES: Record<string, number[]> = {
  'intake:stored': [1],
  'intake:sorted': [1],
  'work:claimed': [1, 3],
  'work:gathered': [3],
  'work:decided': [3],
  'effect:begun': [1],
  'effect:done': [1],
  'work:performed': [3],
  'work:finished': [3],
};

const cases = CRASH_POINTS.flatMap(point => (PASSAGES[point] ?? []).map(passage => ({ point, passage })));

describe('a process that is killed while it tags', () => {
  it('is killed at every named point', () => {
    expect(Object.keys(PASSAGES).toSorted()).toEqual([...CRASH_POINTS].toSorted());
  });

  it.concurrent.for(cases)(
    'at $point, passage $passage, leaves one tag, one release and one note after a restart',
    async ({ point, passage }, { expect }) => {
      const sandbox = await startSandbox();
      const installation = await install(sandbox.gitlab.url);
      const clone = await mkdtemp(join(tmpdir(), 'signalbox-crash-'));
      try {
        await configure(installation);
        const admin = person(sandbox.gitlab.url, 'admin');
        const hook = { url: `${installation.url}/hooks/gitlab`, token: HOOK_SECRET, push_events: true };
        expect((await admin.post(`${PROJECT}/hooks`, hook)).status).toBe(201);
        await admin.post(`${PROJECT}/issues`, { title: 'Connections die' });
        const first = await installation.serve();
        await eventually('the first look', async () => (await look(installation))?.decision != null);
        await eventually('nothing is due', async () => isQuiet(await look(installation)));
        await first.stop();

        const doomed = await installation.serve({ SIGNALBOX_CRASH_AT: `${point}@${passage}` });
        const commit = await merge(sandbox.gitlab.url, clone);
        expect(await doomed.ended, doomed.output()).toBe('SIGKILL');
        const next = await installation.serve();
        const notes = async () => {
          const { body } = await admin.get(`${PROJECT}/issues/1/notes`);
          return (body as { body: string }[]).filter(note => note.body.startsWith('Shipped in'));
        };
        await eventually('the note', async () => (await notes()).length > 0);
        await eventually('nothing is due', async () => isQuiet(await look(installation)));
        expect(await notes()).toHaveLength(1);
        const tags = (await admin.get(`${PROJECT}/repository/tags?per_page=100`)).body as Tag[];
        expect(tags.filter(tag => tag.commit.id === commit).map(tag => tag.name)).toEqual(['v1.4.3']);
        expect(tags).toHaveLength(10);
        expect((await admin.get(`${PROJECT}/releases`)).body).toHaveLength(1);
        await next.stop();
      } finally {
        await sandbox.close();
        await installation.remove();
        await rm(clone, { recursive: true, force: true });
      }
    },
  );
});

interface Tag {
  name: string;
  commit: { id: string };
}

interface Look {
  decision: object | null;
  next: { running: boolean; due_at: string | null } | null;
}

/** Library tags instead of what the installation comes with. */
async function configure({ configFile }: Installation): Promise<void> {
  const text = await readFile(configFile, 'utf8');
  const common = text.slice(0, text.indexOf('lines:'));
  await writeFile(configFile, `${common}library_tags: { projects: [ acme/lib-* ], release: true, note: true }\n`);
}

/** A merge request that closes issue 1, merged; its merge commit. */
async function merge(gitlabUrl: string, clone: string): Promise<string> {
  const { host } = new URL(gitlabUrl);
  const identity = ['-c', 'user.name=Developer', '-c', 'user.email=developer@example.com'];
  const git = (...args: string[]) => run('git', ['-C', clone, ...identity, ...args]);
  await git('clone', '--quiet', `http://oauth2:glpat-sandbox-developer@${host}/acme/lib-ssh.git`, '.');
  await git('checkout', '--quiet', '-b', 'topic');
  await git('commit', '--quiet', '--allow-empty', '--message', 'Keep connections alive');
  await git('push', '--quiet', 'origin', 'topic');
  const body = { source_branch: 'topic', target_branch: 'main', title: 'Keep alive', description: 'Closes #1' };
  const { iid } = (await person(gitlabUrl, 'developer').post(`${PROJECT}/merge_requests`, body)).body;
  let merged = { status: 0, body: { merge_commit_sha: '' } };
  await eventually('the merge', async () => {
    merged = await person(gitlabUrl, 'maintainer').put(`${PROJECT}/merge_requests/${iid}/merge`);
    return merged.status === 200;
  });
  return merged.body.merge_commit_sha;
}

async function look({ directory }: Installation): Promise<Look | null> {
  const control = JSON.parse(await readFile(`${directory}/data/control.json`, 'utf8')) as {
    url: string;
    token: string;
  };
  const answer = await fetch(`${control.url}/v1/explain?key=${encodeURIComponent('library:acme/lib-ssh')}`, {
    headers: { authorization: `Bearer ${control.token}` },
  });
  return answer.ok ? ((await answer.json()) as Look) : null;
}

function isQuiet(explained: Look | null): boolean {
  return explained?.next?.running === false && explained.next.due_at === null;
}
