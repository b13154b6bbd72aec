import { describe, expect, it, vi } from 'vitest';
import type { TicketView } from '../../src/automations/escalation/view.ts';
import { clientOf as freshdeskClientOf } from '../../src/sandbox/freshdesk/testing/client.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { AGENT_TOKEN, configText, writeSecrets } from '../e2e/escalation-stage.ts';
import { eventually, person } from '../support/sandbox-client.ts';
import { install } from '../support/service-process.ts';

// A restart after a kill waits until an uncertain call can no longer take effect: ten seconds by design, more on a busy machine.
vi.setConfig({ testTimeout: 180_000, maxConcurrency: 4 });

const PROJECT = '/projects/acme%2Fappliance';
const TICKET = 101;

async function scene() {
  const sandbox = await startSandbox();
  const installation = await install(sandbox.gitlab.url, directory =>
    configText(directory, sandbox, {}).replace(/^service:\n(?: {2}.*\n)*/, ''),
  );
  await writeSecrets(installation.directory);
  const admin = person(sandbox.gitlab.url, 'admin');
  const freshdesk = freshdeskClientOf(sandbox.freshdesk);
  const ask = async (method: string, path: string, body?: unknown): Promise<TicketView | null> => {
    const answer = await fetch(`${installation.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${AGENT_TOKEN}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch(() => null);
    return answer?.ok ? ((await answer.json()) as TicketView) : null;
  };
  const bodies = async (path: string): Promise<string[]> => {
    const { body } = await admin.get(`${path}${path.includes('?') ? '&' : '?'}per_page=100&sort=asc`);
    return (body as { body?: string; description?: string; system?: boolean }[])
      .filter(each => each.system !== true)
      .map(each => each.body ?? each.description ?? '');
  };
  return {
    sandbox,
    installation,
    freshdesk,
    press: () => ask('POST', '/v1/escalations', { ticket_id: TICKET }),
    view: () => ask('GET', `/v1/tickets/${TICKET}`),
    /** Exactly one of everything, and all of it. */
    verify: async (view: TicketView | null) => {
      expect(view).toMatchObject({ state: 'done_with_warnings', warnings: ['empty.txt was not copied: it is empty.'] });
      const issues = await bodies(`${PROJECT}/issues?labels=freshdesk&state=all`);
      expect(issues).toHaveLength(1);
      expect(issues[0]).toContain('**4/4 messages**, **6/7 files** copied.');
      const notes = await bodies(`${PROJECT}/issues/${view?.issue?.iid}/notes`);
      expect(notes.map(note => /^\*\*(.*?)\*\*/.exec(note)?.[1])).toEqual([
        'Ada Byron',
        'Grace Miller',
        'Ada Byron',
        'Linus Weber',
      ]);
      const conversations = (await freshdesk('GET', `/tickets/${TICKET}/conversations?per_page=100`)).body;
      const ours = conversations.filter((each: { body: string }) => each.body.includes('Signalbox: ticket 101 is'));
      expect(ours).toHaveLength(1);
      expect(ours[0].body).toContain(view?.issue?.url);
      expect((await freshdesk('GET', `/tickets/${TICKET}`)).body.tags).toEqual(['backup', 'nas', 'gitlab-issue']);
    },
    close: async () => {
      await sandbox.close();
      await installation.remove();
    },
  };
}

/** The first effect is that of the index; then issue, note, plan, tag, seven files, four comments, description, end. */
const POINTS = [
  'work:gathered@2',
  'effect:begun@2',
  'escalation:created@1',
  'effect:done@2',
  'escalation:noted@1',
  'effect:done@3',
  'effect:begun@4',
  'effect:done@5',
  'escalation:copied@1',
  'escalation:copied@4',
  'effect:done@12',
  'escalation:commented@1',
  'effect:done@13',
  'escalation:commented@4',
  'escalation:described@1',
  'effect:done@18',
];

describe('a process that is killed', () => {
  it.concurrent.for(POINTS)('at %s leaves one of everything after a restart', async (point, { expect: expectHere }) => {
    const { installation, press, view, verify, close } = await scene();
    try {
      const doomed = await installation.serve({ SIGNALBOX_CRASH_AT: point });
      await press();
      expectHere(await doomed.ended, doomed.output()).toBe('SIGKILL');
      const next = await installation.serve();
      // Whether the answer to the press got through or not: whoever waits presses again.
      await press();
      await eventually('the copy is complete', async () => (await view())?.state !== 'running');
      await verify(await view());
      await next.stop();
    } finally {
      await close();
    }
  });
});

describe('an answer that leaves the outcome open', () => {
  const faults = [
    {
      name: 'a 502 after the issue',
      on: 'gitlab',
      match: { method: 'POST', path: '/issues' },
      fault: { commit_then: 502 },
    },
    {
      name: 'a reset after the issue',
      on: 'gitlab',
      match: { method: 'POST', path: '/issues' },
      fault: { reset: 'after' },
    },
    {
      name: 'a reset before the issue',
      on: 'gitlab',
      match: { method: 'POST', path: '/issues' },
      fault: { reset: 'before' },
    },
    {
      name: 'a 502 after a comment',
      on: 'gitlab',
      match: { method: 'POST', path: '/notes' },
      fault: { commit_then: 502 },
    },
    {
      name: 'a 500 instead of a comment',
      on: 'gitlab',
      match: { method: 'POST', path: '/notes' },
      fault: { status: 500 },
    },
    {
      name: 'a 502 after an upload',
      on: 'gitlab',
      match: { method: 'POST', path: '/uploads' },
      fault: { commit_then: 502 },
    },
    {
      name: 'a 502 after the note on the ticket',
      on: 'freshdesk',
      match: { method: 'POST', path: '/notes' },
      fault: { commit_then: 502 },
    },
    {
      name: 'a reset after the tag',
      on: 'freshdesk',
      match: { method: 'PUT', path: '/tickets/101' },
      fault: { reset: 'after' },
    },
  ] as const;

  it.concurrent.for(faults)('$name: one of everything', async ({ on, match, fault }) => {
    const { installation, sandbox, press, view, verify, freshdesk, close } = await scene();
    try {
      const rule = { match, times: 1, fault };
      if (on === 'freshdesk') await freshdesk('POST', '/_sandbox/faults', rule);
      else {
        const answer = await fetch(`${sandbox.gitlab.url}/_sandbox/faults`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(rule),
        });
        expect(answer.ok).toBe(true);
      }
      const service = await installation.serve();
      await press();
      await eventually('the copy is complete', async () => (await view())?.state !== 'running');
      await verify(await view());
      await service.stop();
    } finally {
      await close();
    }
  });
});
