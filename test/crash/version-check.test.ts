import { describe, expect, it, vi } from 'vitest';
import { CRASH_POINTS } from '../../src/engine/crash-point.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { eventually, person, setFault } from '../support/sandbox-client.ts';
import { HOOK_SECRET, install } from '../support/service-process.ts';

// A restart after a kill waits until an uncertain call can no longer take effect: ten seconds by design, more on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const PROJECT = '/projects/acme%2Fappliance';

interface Thread {
  notes: { resolvable?: boolean; resolved?: boolean; body: string }[];
}

async function scene() {
  const sandbox = await startSandbox();
  const installation = await install(sandbox.gitlab.url);
  const developer = person(sandbox.gitlab.url, 'developer');
  const admin = person(sandbox.gitlab.url, 'admin');
  const hook = await admin.post(`${PROJECT}/hooks`, {
    url: `${installation.url}/hooks/gitlab`,
    token: HOOK_SECRET,
    merge_requests_events: true,
    push_events: true,
    note_events: true,
  });
  expect(hook.status).toBe(201);
  const threads = async (iid: number): Promise<Thread[]> => {
    const { body } = await developer.get(`${PROJECT}/merge_requests/${iid}/discussions`);
    return (body as Thread[]).filter(thread => thread.notes[0]?.resolvable === true);
  };
  const openMismatch = async (): Promise<number> => {
    const created = await developer.post(`${PROJECT}/merge_requests`, {
      source_branch: 'feature/backup-share',
      target_branch: 'release/5.3',
      title: 'Back up to a network share',
    });
    expect(created.status).toBe(201);
    return created.body.iid;
  };
  return { sandbox, installation, threads, openMismatch, developer };
}

/** The first passages belong to the standing keys that look at start; later ones to the merge request. */
const PASSAGES: Record<string, number[]> = {
  'intake:stored': [1],
  'intake:sorted': [1],
  'work:claimed': [1, 3],
  'work:gathered': [1, 3],
  'work:decided': [3],
  'effect:begun': [1],
  'effect:done': [1],
  'work:performed': [3],
  'work:finished': [1, 3],
};

const cases = CRASH_POINTS.flatMap(point => (PASSAGES[point] ?? []).map(passage => ({ point, passage })));

describe('a process that is killed', () => {
  it('is killed at every named point', () => {
    expect(Object.keys(PASSAGES).toSorted()).toEqual([...CRASH_POINTS].toSorted());
  });

  it.concurrent.for(cases)(
    'at $point, passage $passage, leaves exactly one thread after a restart',
    async ({ point, passage }, { expect }) => {
      const { sandbox, installation, threads, openMismatch } = await scene();
      try {
        const doomed = await installation.serve({ SIGNALBOX_CRASH_AT: `${point}@${passage}` });
        const iid = await openMismatch();
        expect(await doomed.ended, doomed.output()).toBe('SIGKILL');
        const next = await installation.serve();
        await eventually('a thread', async () => (await threads(iid)).length > 0);
        await eventually('the look is over', async () => !(await isBusy(installation.directory, iid)));
        expect(await threads(iid)).toHaveLength(1);
        await next.stop();
      } finally {
        await sandbox.close();
        await installation.remove();
      }
    },
  );
});

describe('an answer that leaves the outcome open', () => {
  const faults = [
    { name: 'the connection dies after the change', fault: { reset: 'after' } },
    { name: 'the connection dies before the change', fault: { reset: 'before' } },
    { name: 'a 502 comes after the change', fault: { commit_then: 502 } },
    { name: 'a 500 comes instead of the change', fault: { status: 500 } },
  ];

  it.concurrent.for(faults)('$name: exactly one thread', async ({ fault }, { expect }) => {
    const { sandbox, installation, threads, openMismatch } = await scene();
    try {
      await setFault(sandbox.gitlab.url, { match: { method: 'POST', path: '/discussions' }, times: 1, fault });
      const service = await installation.serve();
      const iid = await openMismatch();
      await eventually('a thread', async () => (await threads(iid)).length > 0);
      await eventually('the look is over', async () => !(await isBusy(installation.directory, iid)));
      expect(await threads(iid)).toHaveLength(1);
      await service.stop();
    } finally {
      await sandbox.close();
      await installation.remove();
    }
  });
});

/** Whether the merge request's key is due or being looked at, as the service itself tells. */
async function isBusy(directory: string, iid: number): Promise<boolean> {
  const { readFile } = await import('node:fs/promises');
  const control = JSON.parse(await readFile(`${directory}/data/control.json`, 'utf8')) as {
    url: string;
    token: string;
  };
  const key = encodeURIComponent(`merge-request:acme/appliance!${iid}`);
  const answer = await fetch(`${control.url}/v1/explain?key=${key}`, {
    headers: { authorization: `Bearer ${control.token}` },
  });
  if (!answer.ok) return true;
  const { next } = (await answer.json()) as { next: { running: boolean; due_at: string | null } | null };
  return next === null || next.running || next.due_at !== null;
}
