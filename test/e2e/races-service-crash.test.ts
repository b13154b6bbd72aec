import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { goReport } from '../../src/automations/races/testing/reports.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { eventually, person, setFault } from '../support/sandbox-client.ts';
import { install, type ServeProcess } from '../support/service-process.ts';
import type { Receipt } from './races-service-stage.ts';

// A restart after a kill waits until an uncertain call can no longer take effect: ten seconds by design, more on a busy machine.
vi.setConfig({ testTimeout: 180_000, maxConcurrency: 2 });

const PROJECT = '/projects/acme%2Fappliance';
const TOKEN = 'token-of-box-1-for-tests-only';
const VALVE = goReport('acme.example/pump.(*Valve).Open', 'acme.example/pump.(*Gauge).Read');

interface Text {
  iid: number;
  body: string;
  description: string;
}

/** A sandbox, and real processes of the service, one after the other, that a box reports to until it is told that all is stored. */
async function scene() {
  const sandbox = await startSandbox();
  const installation = await install(sandbox.gitlab.url);
  await writeFile(`${installation.directory}/box-1`, TOKEN, { mode: 0o600 });
  const races = `races:\n  project: acme/appliance\n  sources: [ { name: box-1, token: { file: ${installation.directory}/box-1 } } ]\n`;
  const config = await readFile(installation.configFile, 'utf8');
  await writeFile(installation.configFile, `${config.replace(/^version_check:[\s\S]*/m, '')}${races}`);
  const developer = person(sandbox.gitlab.url, 'developer');
  let service: ServeProcess | null = null;
  let environment: Record<string, string> = {};
  let kills = 0;

  /** Starts the service if none runs; a crash is asked for once. */
  const running = async (): Promise<void> => {
    if (service !== null && service.child.exitCode === null && service.child.signalCode === null) return;
    if (service?.child.signalCode === 'SIGKILL') kills++;
    service = await installation.serve(environment);
    environment = {};
  };
  const get = async <T>(path: string): Promise<T> => (await developer.get(path)).body as T;
  return {
    sandbox,
    crashAt: (point: string) => {
      environment = { SIGNALBOX_CRASH_AT: point };
    },
    kills: () => kills,
    kill: async () => {
      service?.child.kill('SIGKILL');
      await service?.ended;
    },
    /** Sends the batch until it is acknowledged, then waits until its race has been looked at. */
    report: async (id: string) => {
      const body = JSON.stringify({ host: 'box-1', reports: [{ id, text: VALVE }] });
      let fingerprint = '';
      await eventually('the report is stored', async () => {
        await running();
        const answer = await fetch(`${installation.url}/v1/races`, {
          method: 'POST',
          headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
          body,
        }).catch(() => null);
        if (!answer?.ok) return false;
        fingerprint = ((await answer.json()) as Receipt).races[0]?.fingerprint ?? fingerprint;
        return true;
      });
      await eventually('the look is over', async () => {
        await running();
        return !(await isBusy(installation.directory, fingerprint));
      });
    },
    issues: () => get<Text[]>(`${PROJECT}/issues?labels=race%20condition`),
    notes: async (iid: number) =>
      (await get<Text[]>(`${PROJECT}/issues/${iid}/notes`)).filter(note => note.body.includes('signalbox:race-note')),
    close: async () => {
      await service?.stop();
      await sandbox.close();
      await installation.remove();
    },
  };
}

/** Whether the race's key is due or being looked at, as the service itself tells. */
async function isBusy(directory: string, fingerprint: string): Promise<boolean> {
  const control = JSON.parse(await readFile(`${directory}/data/control.json`, 'utf8')) as {
    url: string;
    token: string;
  };
  const key = encodeURIComponent(`race:${fingerprint}`);
  const answer = await fetch(`${control.url}/v1/explain?key=${key}`, {
    headers: { authorization: `Bearer ${control.token}` },
  }).catch(() => null);
  if (!answer?.ok) return true;
  const { next } = (await answer.json()) as { next: { running: boolean; due_at: string | null } | null };
  return next === null || next.running || next.due_at !== null;
}

/** The first passages of `effect:` are the issue's, the next the comment's and the status's. */
const POINTS = [
  'work:gathered@3',
  'work:decided@3',
  'effect:begun@1',
  'effect:done@1',
  'effect:begun@2',
  'effect:done@2',
  'effect:done@3',
  'work:performed@3',
];

describe('a process that is killed', () => {
  it.concurrent.for(POINTS)('at %s: one issue, one comment, and all is counted', async (point, { expect }) => {
    const stage = await scene();
    try {
      stage.crashAt(point);
      await stage.report('a');
      await stage.report('b');
      expect(stage.kills()).toBe(1);
      const issues = await stage.issues();
      expect(issues).toHaveLength(1);
      expect(issues[0]?.description).toContain('**Seen 2 times**');
      expect(await stage.notes(issues[0]!.iid)).toHaveLength(1);
    } finally {
      await stage.close();
    }
  });
});

it('counts nothing twice when the answer to a new issue is lost and the service is killed before it finds it', async () => {
  const stage = await scene();
  try {
    const { url } = stage.sandbox.gitlab;
    await setFault(url, { match: { method: 'POST', path: '/issues' }, times: 1, fault: { reset: 'after' } });
    // The issue is there, and no search finds it before the kill, which makes the next process read everything anew.
    const search = { method: 'GET', agent: 'signalbox', path: '/issues' };
    await setFault(url, { match: search, after: 1, fault: { status: 503 } });
    const told = stage.report('a');
    await eventually('the issue is made', async () => (await stage.issues()).length === 1);
    await stage.kill();
    await fetch(`${url}/_sandbox/faults`, { method: 'DELETE' });
    await told;
    await stage.report('b');
    expect(stage.kills()).toBe(1);
    const issues = await stage.issues();
    expect(issues).toHaveLength(1);
    expect(issues[0]?.description).toContain('**Seen 2 times**');
  } finally {
    await stage.close();
  }
});

describe('an answer that leaves open whether it was done', () => {
  const faults = [
    { path: '/issues', fault: { reset: 'after' } },
    { path: '/issues', fault: { commit_then: 502 } },
    { path: '/notes', fault: { reset: 'after' } },
    { path: '/notes', fault: { reset: 'before' } },
  ];
  it.concurrent.for(faults)('POST $path, $fault: one issue, one comment', async ({ path, fault }, { expect }) => {
    const stage = await scene();
    try {
      await setFault(stage.sandbox.gitlab.url, { match: { method: 'POST', path }, times: 1, fault });
      await stage.report('a');
      await stage.report('b');
      const issues = await stage.issues();
      expect(issues).toHaveLength(1);
      expect(await stage.notes(issues[0]!.iid)).toHaveLength(1);
    } finally {
      await stage.close();
    }
  });
});
