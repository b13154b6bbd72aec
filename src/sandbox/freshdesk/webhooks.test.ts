import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type SimulatedFreshdesk, startFreshdesk } from './start-freshdesk.ts';
import { clientOf } from './testing/client.ts';

let freshdesk: SimulatedFreshdesk;
let call: ReturnType<typeof clientOf>;
let received: { body: string; headers: NodeJS.Dict<string | string[]> }[] = [];
let answers: number[] = [];

const receiver = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on('end', () => {
    received.push({ body, headers: request.headers });
    response.writeHead(answers.shift() ?? 200);
    response.end();
  });
});
let url = '';

beforeAll(async () => {
  await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks/freshdesk`;
  freshdesk = await startFreshdesk();
  call = clientOf(freshdesk);
});
beforeEach(async () => {
  await call('POST', '/_sandbox/reset');
  received = [];
  answers = [];
});
afterAll(async () => {
  await freshdesk.close();
  await new Promise(resolve => receiver.close(resolve));
});

const hook = (more: object = {}) => call('POST', '/_sandbox/webhooks', { url, ...more });
const note = (ticket = 101) => call('POST', `/tickets/${ticket}/notes`, { body: 'Hello' });

test('a rule sends its own body and headers, the id as text, and nothing that proves who sent it', async () => {
  await hook({ headers: { 'X-Signalbox-Secret': 's3cret' } });
  await note();
  await freshdesk.settled();
  expect(received).toHaveLength(1);
  expect(JSON.parse(received[0]!.body)).toEqual({ ticket_id: '101' });
  expect(received[0]!.headers).toMatchObject({ 'x-signalbox-secret': 's3cret', 'content-type': 'application/json' });
  expect(Object.keys(received[0]!.headers).filter(name => /signature|event|delivery/.test(name))).toEqual([]);
});

test('a rule in simple mode sends Freshdesk’s own shape', async () => {
  await hook({ body: null });
  await call('POST', '/tickets/101/reply', { body: '<p>Fixed &amp; done</p>' });
  await freshdesk.settled();
  expect(JSON.parse(received[0]!.body)).toEqual({
    freshdesk_webhook: {
      ticket_id: 101,
      ticket_subject: expect.stringContaining('Backup fails'),
      ticket_latest_public_comment: 'Fixed & done',
      triggered_event: '{reply_sent:sent}',
    },
  });
});

test('placeholders are not escaped: a quote in the subject breaks the JSON', async () => {
  await hook({ body: '{"id":{{ticket.id}},"subject":"{{ ticket.subject }}","status":"{{ticket.status}}"}' });
  await call('PUT', '/tickets/101', { status: 3 });
  await freshdesk.settled();
  expect(received[0]!.body).toContain('"id":101,');
  expect(received[0]!.body).toContain('"status":"Pending"');
  expect(() => JSON.parse(received[0]!.body)).toThrow();
});

test('only the events of the rule; a customer’s mail is one', async () => {
  await hook({ events: ['ticket_updated', 'reply_received'] });
  await note();
  await call('PUT', '/tickets/101', { status: 4 });
  expect((await call('POST', '/_sandbox/mail', { ticket_id: 101, body: '<div>Thanks</div>' })).status).toBe(201);
  await freshdesk.settled();
  const { body } = await call('GET', '/_sandbox/deliveries');
  expect(body.map((item: { event: string }) => item.event).sort()).toEqual(['reply_received', 'ticket_updated']);
  expect((await call('GET', '/tickets/101/conversations')).body.at(-1)).toMatchObject({ incoming: true, source: 0 });
});

test('what fails is sent again, three times and never more; what waits for minutes does not hold anybody up', async () => {
  await call('POST', '/_sandbox/seed', { webhooks: [{ url }], webhook_retry_ms: [5, 5, 5], webhook_spread_ms: 0 });
  answers = [500, 302, 503, 500];
  await note();
  await freshdesk.settled();
  const { body } = await call('GET', '/_sandbox/deliveries');
  expect(body.map((item: { attempt: number; status: string }) => [item.attempt, item.status])).toEqual([
    [1, '500'],
    [2, '302'],
    [3, '503'],
    [4, '500'],
  ]);
  await call('POST', '/_sandbox/seed', { webhooks: [{ url }] });
  answers = [500];
  await note();
  await freshdesk.settled();
  expect(received).toHaveLength(5);
});

test('the order is not promised', async () => {
  await call('POST', '/_sandbox/seed', { webhooks: [{ url }], webhook_spread_ms: 60, tickets: 24 });
  const sent = Array.from({ length: 24 }, (_, index) => 2001 + index);
  for (const id of sent) await note(id);
  await freshdesk.settled();
  const arrived = received.map(({ body }) => Number(JSON.parse(body).ticket_id));
  expect(arrived.toSorted((one, other) => one - other)).toEqual(sent);
  expect(arrived).not.toEqual(sent);
});

test('webhooks can be dropped and duplicated', async () => {
  await hook();
  await call('POST', '/_sandbox/faults', { fault: { drop_webhooks: 1 }, times: 1 });
  await note();
  await freshdesk.settled();
  expect(received).toHaveLength(0);
  await call('POST', '/_sandbox/faults', { fault: { duplicate_webhooks: true }, times: 1 });
  await note();
  await freshdesk.settled();
  expect(received).toHaveLength(2);
});
