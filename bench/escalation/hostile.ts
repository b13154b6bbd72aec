import { setTimeout as sleep } from 'node:timers/promises';

/** Mails that are meant to keep a converter busy for ever. */
export const HOSTILE = {
  'of 10 MB': () =>
    `<p>begin</p>${'<p>an honest line, again and again, with <b>some</b> marks</p>\n'.repeat(160_000)}`.slice(
      0,
      10_000_000,
    ),
  'of 20,000 levels': () => `<p>begin</p>${'<div><blockquote>'.repeat(10_000)}deep down`,
} as const;

export interface HostileOptions {
  service: string;
  token: string;
  freshdesk: string;
  html: string;
}

/** Escalates a ticket with such a mail, and asks for the service's health all the time. @returns the longest answer, ms */
export async function longestHealth({ service, token, freshdesk, html }: HostileOptions): Promise<number> {
  const ticket = await createTicket(freshdesk, html);
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${service}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return (await answer.json()) as { state: string };
  };
  let longest = 0;
  let over = false;
  const watch = (async () => {
    while (!over) {
      const began = performance.now();
      const answer = await fetch(`${service}/healthz`);
      if (answer.status !== 200) throw new Error(`/healthz answered ${answer.status}`);
      await answer.text();
      longest = Math.max(longest, performance.now() - began);
      await sleep(2);
    }
  })();
  await ask('POST', '/v1/escalations', { ticket_id: ticket });
  for (;;) {
    const { state } = await ask('GET', `/v1/tickets/${ticket}`);
    if (state === 'failed') throw new Error('the ticket was not copied');
    if (state !== 'running') break;
    await sleep(100);
  }
  over = true;
  await watch;
  return longest;
}

async function createTicket(freshdesk: string, description: string): Promise<number> {
  const answer = await fetch(`${freshdesk}/api/v2/tickets`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('sandbox:X')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ subject: 'Hostile', email: 'grace@northwind.example', status: 2, priority: 1, description }),
  });
  if (!answer.ok) throw new Error(`the ticket was not made: ${answer.status} ${(await answer.text()).slice(0, 500)}`);
  return ((await answer.json()) as { id: number }).id;
}
