import { get } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type SimulatedFreshdesk, startFreshdesk } from './start-freshdesk.ts';
import { clientOf } from './testing/client.ts';

let freshdesk: SimulatedFreshdesk;
let call: ReturnType<typeof clientOf>;

beforeAll(async () => {
  freshdesk = await startFreshdesk();
  call = clientOf(freshdesk);
});
beforeEach(() => call('POST', '/_sandbox/reset'));
afterAll(() => freshdesk.close());

const note = (body: string) => call('POST', '/tickets/101/notes', { body });
const bodies = async () =>
  (await call('GET', '/tickets/101/conversations')).body.map((item: { body: string }) => item.body);

test('beyond the minute’s budget there is 429: a sentence under a header that says JSON, and when to come back', async () => {
  await call('POST', '/_sandbox/seed', { limits: { total: 3 } });
  const answers = [];
  for (let number = 0; number < 4; number++) answers.push(await call('GET', '/tickets/101'));
  expect(answers.map(answer => answer.status)).toEqual([200, 200, 200, 429]);
  const last = answers[3]!;
  expect(last.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(last.body).toBeUndefined();
  expect(last.text).toContain('exceeded the limit');
  expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
  await call('POST', '/_sandbox/clock', { advance_s: 60 });
  expect((await call('GET', '/tickets/101')).status).toBe(200);
});

test('listing and updating have budgets of their own, whoever asks; refused calls count', async () => {
  await call('POST', '/_sandbox/seed', { limits: { list: 1, update: 1 } });
  const other = clientOf(freshdesk, 'sandbox-ada');
  expect([(await call('GET', '/tickets')).status, (await other('GET', '/tickets')).status]).toEqual([200, 429]);
  expect((await call('PUT', '/tickets/101', { colour: 1 })).status).toBe(400);
  expect((await call('PUT', '/tickets/101', { tags: [] })).status).toBe(429);
  expect((await call('GET', '/tickets/101')).status).toBe(200);
});

test('headers are written as the documentation writes them', async () => {
  const names = await new Promise<string[]>((resolve, reject) => {
    const headers = { Authorization: `Basic ${btoa('sandbox:X')}` };
    get(`${freshdesk.url}/api/v2/tickets/101`, { headers }, response => {
      response.resume();
      resolve(response.rawHeaders.filter((_, index) => index % 2 === 0));
    }).on('error', reject);
  });
  for (const name of [
    'X-Ratelimit-Total',
    'X-Ratelimit-Remaining',
    'X-Ratelimit-Used-CurrentRequest',
    'X-Freshdesk-Api-Version',
  ])
    expect(names).toContain(name);
});

test('every fault of the other simulator: status, reset before and after, commit then 502, rate limit, delay', async () => {
  const before = await bodies();
  const fault = (rule: unknown) => call('POST', '/_sandbox/faults', rule);
  await fault({ match: { path: '/notes' }, times: 1, fault: { status: 503, body: { message: 'no' } } });
  expect(await note('never')).toMatchObject({ status: 503, body: { message: 'no' } });
  await fault({ match: { method: 'POST' }, times: 1, fault: { reset: 'before' } });
  await expect(note('lost')).rejects.toThrow();
  await fault({ match: { method: 'POST' }, times: 1, fault: { reset: 'after' } });
  await expect(note('kept')).rejects.toThrow();
  await fault({ match: { path: '/tickets/:id/notes' }, times: 1, fault: { commit_then: 502 } });
  expect((await note('kept too')).status).toBe(502);
  expect((await bodies()).slice(before.length)).toEqual(['kept', 'kept too']);
  await fault({ match: { path: '/agents/me' }, fault: { rate_limit: { limit: 1, window_s: 20 } } });
  expect((await call('GET', '/agents/me')).headers.get('x-ratelimit-remaining')).toBe('0');
  const limited = await call('GET', '/agents/me');
  expect(limited.status).toBe(429);
  expect(Number(limited.headers.get('retry-after'))).toBeLessThanOrEqual(20);
  await fault({ match: { path: '/ticket_fields' }, times: 1, fault: { delay_ms: 80 } });
  const started = performance.now();
  await call('GET', '/ticket_fields');
  expect(performance.now() - started).toBeGreaterThanOrEqual(75);
  expect((await call('GET', '/_sandbox/faults')).body).toHaveLength(6);
});

test('faults strike the host of the files too', async () => {
  const { attachment_url } = (await call('GET', '/tickets/101')).body.attachments[0];
  await call('POST', '/_sandbox/faults', {
    match: { path: '/euc-cdn.freshdesk.com/*' },
    times: 1,
    fault: { status: 500 },
  });
  expect((await fetch(attachment_url)).status).toBe(500);
  expect((await fetch(attachment_url)).status).toBe(200);
});

test('every request is on record without secrets; state tells what there is; a wrong seed is refused', async () => {
  await note('seen');
  const { body } = await call('GET', '/_sandbox/requests');
  expect(body).toMatchObject([
    {
      method: 'POST',
      path: '/api/v2/tickets/101/notes',
      status: 201,
      user: 'signalbox@acme.example',
      body: { body: 'seen' },
    },
  ]);
  expect(JSON.stringify(body)).not.toContain('Basic');
  const state = (await call('GET', '/_sandbox/state')).body;
  expect(state.tickets[0].conversations.at(-1)).toMatchObject({ author: 'Signalbox', kind: 'note', body: 'seen' });
  expect((await call('POST', '/_sandbox/seed', { nonsense: true })).status).toBe(400);
  await call('POST', '/_sandbox/reset');
  expect((await call('GET', '/_sandbox/requests')).body).toEqual([]);
  expect((await call('GET', '/_sandbox/state')).body.tickets[0].conversations).toHaveLength(4);
});
