import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { TicketView } from '../../src/automations/escalation/view.ts';
import { clientOf as freshdeskClientOf } from '../../src/sandbox/freshdesk/testing/client.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { AGENT_TOKEN, configText, UNLIMITED, writeSecrets } from '../e2e/escalation-stage.ts';
import { eventually, person } from '../support/sandbox-client.ts';
import { install } from '../support/service-process.ts';

const TICKETS = 500;
const FIRST = 2001;
/** One call in twenty goes wrong, in one of these ways. */
const SHARE = 0.05;
const FAULTS = [
  { status: 503 },
  { status: 500 },
  { commit_then: 502 },
  { reset: 'before' },
  { reset: 'after' },
  { status: 429, headers: { 'retry-after': '1' }, body: 'Too many' },
];
/** MiB, of the sources; what a package runs takes a fifth less. */
const MOST_MEMORY = 250;
/** Requests of the test itself at once. */
const AT_ONCE = 8;
/** About so many calls each side gets. */
const CALLS = TICKETS * 8;

/** So that a run that fails can be repeated. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function rules(seed: number): object[] {
  const random = numbers(seed);
  return Array.from({ length: Math.round(CALLS * SHARE) }, () => ({
    match: {},
    after: Math.floor(random() * CALLS),
    times: 1,
    fault: FAULTS[Math.floor(random() * FAULTS.length)],
  }));
}

async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  const rest = all.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const one of rest) await work(one);
    }),
  );
}

it(`copies ${TICKETS} tickets with one call in twenty going wrong: each whole, none twice, in little memory`, {
  timeout: 540_000,
}, async () => {
  const sandbox = await startSandbox({
    // Without the limits that only make it longer.
    seed: { limits: { notes_create: 0 } },
    freshdeskSeed: { limits: { ...UNLIMITED, total: 1_000_000 }, tickets: TICKETS },
  });
  const installation = await install(sandbox.gitlab.url, directory =>
    configText(directory, sandbox, { freshdesk: '  rate_share: 1', settings: '  comments_per_minute: 100000' }).replace(
      /^service:\n(?: {2}.*\n)*/,
      '',
    ),
  );
  await writeSecrets(installation.directory);
  const freshdesk = freshdeskClientOf(sandbox.freshdesk);
  const admin = person(sandbox.gitlab.url, 'admin');
  try {
    const ask = async (method: string, path: string, body?: unknown) => {
      const answer = await fetch(`${installation.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${AGENT_TOKEN}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      // biome-ignore lint/suspicious/noExplicitAny: a test reads answers of every shape
      return (await answer.json()) as any;
    };
    const tickets = Array.from({ length: TICKETS }, (_, index) => FIRST + index);
    // Once for the compiler, which keeps what it makes of the sources: it takes more memory than the work that is looked at here.
    const first = await installation.serve();
    expect(await ask('POST', '/v1/escalations/preview', { ticket_id: FIRST })).toMatchObject({ ticket_id: FIRST });
    await first.stop();
    const service = await installation.serve();
    await writeFile(`/proc/${service.child.pid}/clear_refs`, '5');
    await fetch(`${sandbox.gitlab.url}/_sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(rules(1)),
    });
    await freshdesk('POST', '/_sandbox/faults', rules(2));
    await inTurns(tickets, ticket => ask('POST', '/v1/escalations', { ticket_id: ticket }));
    const views = async (): Promise<TicketView[]> => {
      const all: TicketView[] = [];
      for (let at = 0; at < TICKETS; at += 100) {
        all.push(...(await ask('GET', `/v1/tickets?ids=${tickets.slice(at, at + 100).join()}`)).tickets);
      }
      return all;
    };
    let last: TicketView[] = [];
    await eventually(
      'all are copied',
      async () => {
        last = await views();
        await new Promise(resolve => setTimeout(resolve, 2000));
        return last.every(view => view.state === 'done' || view.state === 'done_with_warnings');
      },
      480_000,
    );
    const peak = Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${service.child.pid}/status`, 'utf8'))?.[1]) / 1024;
    const output = service.output();
    await service.stop();
    await fetch(`${sandbox.gitlab.url}/_sandbox/faults`, { method: 'DELETE' });
    await freshdesk('DELETE', '/_sandbox/faults');

    expect(last).toHaveLength(TICKETS);
    const descriptions = new Map<string, string[]>();
    for (let page = 1; page <= Math.ceil(TICKETS / 100) + 1; page++) {
      const path = `/projects/acme%2Fappliance/issues?labels=freshdesk&state=all&per_page=100&page=${page}`;
      for (const { description } of (await admin.get(path)).body as { description: string }[]) {
        const key = /key=ticket:\S+\/(\d+)/.exec(description)?.[1] ?? 'none';
        descriptions.set(key, [...(descriptions.get(key) ?? []), description]);
      }
    }
    expect([...descriptions.keys()].map(Number).toSorted((a, b) => a - b)).toEqual(tickets);
    expect([...descriptions].filter(([, each]) => each.length !== 1)).toEqual([]);
    const incomplete = [...descriptions.values()]
      .flat()
      .filter(each => !each.includes('**3/3 messages**, **1/1 files** copied.'));
    expect(incomplete).toEqual([]);
    await inTurns(last, async ({ ticket_id, issue }) => {
      const notes = (await admin.get(`/projects/acme%2Fappliance/issues/${issue?.iid}/notes?sort=asc&per_page=100`))
        .body;
      const said = (notes as { body: string; system: boolean }[]).filter(note => !note.system);
      const order = said.map(note => /Message (\d) of 3/.exec(note.body)?.[1]).join();
      const conversations = (await freshdesk('GET', `/tickets/${ticket_id}/conversations?per_page=100`)).body as {
        body: string;
      }[];
      const links = conversations.filter(each => each.body.includes(`Signalbox: ticket ${ticket_id} is`)).length;
      expect({ ticket_id, order, links }).toEqual({ ticket_id, order: '1,2,3', links: 1 });
    });
    for (const secret of [AGENT_TOKEN, 'glpat-sandbox-bot', 'X-Amz-Signature']) expect(output).not.toContain(secret);
    expect(peak).toBeLessThan(MOST_MEMORY);
    console.log(`${TICKETS} tickets, peak ${peak.toFixed(0)} MiB`);
  } finally {
    await sandbox.close();
    await installation.remove();
  }
});
