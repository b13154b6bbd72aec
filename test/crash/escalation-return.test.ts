import { expect, it } from 'vitest';
import { clientOf as freshdeskClientOf } from '../../src/sandbox/freshdesk/testing/client.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { AGENT_TOKEN, configText, UNLIMITED, writeSecrets } from '../e2e/escalation-stage.ts';
import { eventually, person } from '../support/sandbox-client.ts';
import { install } from '../support/service-process.ts';

const PROJECT = '/projects/acme%2Fappliance';
const TICKET = 101;
const OTHER = 106;
const OPEN = 2;
const PENDING = 3;
const OPERATOR = 'the-token-of-an-operator-for-tests-only';

/** One comment for the support and one closing come back in each step; the effects are: comment, status, note, and at last customers. */
const STEPS: readonly { crashAt?: string; fault?: { method: string; path: string; fault: object } }[] = [
  { crashAt: 'escalation:supported@1' },
  { crashAt: 'effect:begun@2' },
  { crashAt: 'effect:done@2' },
  { crashAt: 'effect:done@3' },
  { fault: { method: 'POST', path: `/tickets/${TICKET}/notes`, fault: { commit_then: 502 } } },
  { fault: { method: 'PUT', path: `/tickets/${TICKET}`, fault: { reset: 'after' } } },
  { fault: { method: 'PUT', path: '/conversations/*', fault: { commit_then: 502 } } },
  { crashAt: 'escalation:customers@1' },
];

it('kills and answers that are cut off on the way back: one living note, each comment once, one change of status', {
  timeout: 400_000,
}, async () => {
  const sandbox = await startSandbox({ freshdeskSeed: { limits: UNLIMITED } });
  const installation = await install(
    sandbox.gitlab.url,
    directory => configText(directory, sandbox, {}).replace(/^service:\n(?: {2}.*\n)*/, ''),
    { service: 'api_tokens: [ { name: test, role: operator, token: { env: OPERATOR } } ]' },
  );
  await writeSecrets(installation.directory);
  const admin = person(sandbox.gitlab.url, 'admin');
  const freshdesk = freshdeskClientOf(sandbox.freshdesk);
  const ask = async (token: string, method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${installation.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: a test reads answers of every shape
    return (await answer.json()) as any;
  };
  const serve = (more: Record<string, string> = {}) => installation.serve({ OPERATOR, ...more });
  const escalated = async (ticket: number) => {
    const view = () => ask(AGENT_TOKEN, 'GET', `/v1/tickets/${ticket}`);
    await eventually(`ticket ${ticket} is copied`, async () => (await view()).state.startsWith('done'));
    return (await view()).issue.iid as number;
  };
  const notesOf = async (ticket: number) =>
    (await freshdesk('GET', `/tickets/${ticket}/conversations?per_page=100`)).body as { body: string }[];
  const status = async () => (await freshdesk('GET', `/tickets/${TICKET}`)).body.status as number;
  /** Changes of the ticket itself that came from the service. */
  const changes = async () =>
    ((await freshdesk('GET', '/_sandbox/requests')).body as { method: string; path: string; headers: object }[]).filter(
      each =>
        each.method === 'PUT' &&
        each.path.endsWith(`/tickets/${TICKET}`) &&
        JSON.stringify(each.headers).includes('"signalbox"'),
    ).length;
  try {
    let service = await serve();
    await ask(AGENT_TOKEN, 'POST', '/v1/escalations', { ticket_id: TICKET });
    const iid = await escalated(TICKET);
    const issue = `${PROJECT}/issues/${iid}`;
    const key = `escalated-issue:acme/appliance#${iid}`;
    const look = () => ask(OPERATOR, 'POST', `/v1/work/${encodeURIComponent(key)}/replay`, {});
    for (const [index, { crashAt, fault }] of STEPS.entries()) {
      const last = index === STEPS.length - 1;
      if (last) {
        await ask(AGENT_TOKEN, 'POST', `/v1/escalations/${OTHER}/link`, { issue: `acme/appliance#${iid}` });
        await escalated(OTHER);
      }
      await service.stop();
      await freshdesk('PUT', `/tickets/${TICKET}`, { status: PENDING });
      await admin.post(`${issue}/notes`, { body: `support: question ${index}.` });
      await admin.put(issue, { state_event: 'reopen' });
      await admin.put(issue, { state_event: 'close' });
      await admin.put(issue, { labels: `freshdesk,step-${index}` });
      const before = await changes();
      if (fault) {
        const { method, path } = fault;
        await freshdesk('POST', '/_sandbox/faults', { match: { method, path }, times: 1, fault: fault.fault });
      }
      service = await serve(crashAt === undefined ? {} : { SIGNALBOX_CRASH_AT: crashAt });
      await look().catch(() => undefined);
      if (crashAt !== undefined) {
        expect(await service.ended, `${crashAt}\n${service.output()}`).toBe('SIGKILL');
        service = await serve();
        await look();
      }
      await eventually(`step ${index} has come back`, async () => {
        const bodies = (await notesOf(TICKET)).map(each => each.body);
        const living = bodies.find(each => each.includes(`Signalbox: ticket ${TICKET} is`)) ?? '';
        const copied = bodies.some(each => each.includes(`question ${index}.`));
        return copied && living.includes(`step-${index}`) && (await status()) === OPEN;
      });
      // Once more, after everything: nothing is done again.
      await eventually('it was looked at again', async () => {
        await look();
        const said = await ask(OPERATOR, 'GET', `/v1/explain?key=${encodeURIComponent(key)}`);
        return JSON.stringify(said).includes('are up to date');
      });
      const bodies = (await notesOf(TICKET)).map(each => each.body);
      const times = (text: string) => bodies.filter(each => each.includes(text)).length;
      expect({
        step: crashAt ?? fault,
        living: times(`Signalbox: ticket ${TICKET} is`),
        copies: STEPS.slice(0, index + 1).map((_, each) => times(`question ${each}.`)),
        statusChanges: (await changes()) - before,
      }).toEqual({
        step: crashAt ?? fault,
        living: 1,
        copies: STEPS.slice(0, index + 1).map(() => 1),
        statusChanges: 1,
      });
    }
    const notes = (await admin.get(`${issue}/notes?per_page=100`)).body as { body: string }[];
    expect(notes.filter(note => note.body.includes('signalbox:escalation-customers'))).toHaveLength(1);
    await service.stop();
  } finally {
    await sandbox.close();
    await installation.remove();
  }
});
