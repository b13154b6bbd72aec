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

test('a key that nobody has is 401, a ticket beyond its scope 403, one that is not there 404 with nothing in it', async () => {
  const stranger = await clientOf(freshdesk, 'nobody')('GET', '/tickets/101');
  expect(stranger).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
  const limited = await clientOf(freshdesk, 'sandbox-restricted')('GET', '/tickets/101');
  expect(limited).toMatchObject({ status: 403, body: { code: 'access_denied' } });
  expect(await call('GET', '/tickets/999')).toMatchObject({ status: 404, text: '' });
  expect(await call('GET', '/nonsense')).toMatchObject({ status: 404, text: '' });
  expect((await call('GET', '/agents/me')).body.contact.name).toBe('Signalbox');
});

test('includes bring what they name, at most ten conversations, and cost a call each', async () => {
  await call('POST', '/_sandbox/seed', { bulk: { conversations: 12 } });
  const plain = await call('GET', '/tickets/1001');
  expect(plain.body).not.toHaveProperty('conversations');
  expect(plain.headers.get('x-ratelimit-used-currentrequest')).toBe('1');
  const rich = await call('GET', '/tickets/1001?include=conversations,requester,company,stats');
  expect(rich.body.conversations).toHaveLength(10);
  expect(rich.body.conversations[0].body_text).toBe('Message 1 of 12 on ticket 1001');
  expect(rich.body.requester).toMatchObject({ name: 'Grace Miller' });
  expect(rich.body.company).toMatchObject({ name: 'Northwind Hosting' });
  expect(rich.headers.get('x-ratelimit-used-currentrequest')).toBe('5');
  expect(rich.headers.get('x-ratelimit-remaining')).toBe(String(700 - 6));
  const list = await call('GET', '/tickets?include=requester,stats');
  expect(list.headers.get('x-ratelimit-used-currentrequest')).toBe('5');
  expect((await call('GET', '/tickets/1001?include=everything')).body.errors[0].field).toBe('include');
});

test('a list leaves out spam, deleted and archived tickets; updated_since narrows it', async () => {
  const ids = async (query: string) =>
    (await call('GET', `/tickets${query}`)).body.map((item: { id: number }) => item.id);
  expect((await ids('')).sort()).toEqual([101, 102, 106]);
  expect((await ids('?email=grace@northwind.example')).sort()).toEqual([101, 102, 106]);
  expect(await ids('?email=linus@northwind.example')).toEqual([]);
  expect(await ids('?company_id=1')).toEqual([]);
  expect(await ids('?filter=spam')).toEqual([103]);
  expect(await ids('?filter=deleted')).toEqual([104]);
  const before = new Date(Date.now() - 1000).toISOString();
  expect(await ids(`?updated_since=${before}`)).toEqual([]);
  await call('PUT', '/tickets/106', { priority: 2 });
  expect(await ids(`?updated_since=${before}`)).toEqual([106]);
});

test('an archived ticket is only found where archived ones are', async () => {
  expect((await call('GET', '/tickets/105')).status).toBe(404);
  expect((await call('GET', '/tickets/archived/105')).body.subject).toBe('Old story');
  expect((await call('GET', '/tickets/archived/105/conversations')).body).toHaveLength(1);
  expect((await call('GET', '/tickets/archived/101')).status).toBe(404);
});

test('tags are replaced as a whole', async () => {
  expect((await call('PUT', '/tickets/101', { tags: ['escalated'] })).body.tags).toEqual(['escalated']);
  expect((await call('GET', '/tickets/101')).body.tags).toEqual(['escalated']);
  const long = await call('PUT', '/tickets/101', { tags: ['x'.repeat(33)] });
  expect(long.body).toMatchObject({
    description: 'Validation failed',
    errors: [{ field: 'tags', code: 'invalid_value' }],
  });
  expect((await call('PUT', '/tickets/101', { tags: 'x' })).body.errors[0].code).toBe('datatype_mismatch');
});

test('a required field that is empty makes an update of anything else fail', async () => {
  const refused = await call('PUT', '/tickets/102', { tags: ['escalated'] });
  expect(refused.status).toBe(400);
  expect(refused.body.errors).toEqual([
    { field: 'cf_product', message: 'It should be a/an String', code: 'missing_field' },
  ]);
  expect((await call('GET', '/tickets/102')).body.tags).toEqual([]);
  const both = await call('PUT', '/tickets/102', { tags: ['escalated'], custom_fields: { cf_product: 'Agent' } });
  expect(both).toMatchObject({ status: 200, body: { tags: ['escalated'] } });
  const wrong = await call('PUT', '/tickets/101', { custom_fields: { cf_nonsense: 1 }, status: 99, colour: 'red' });
  expect(wrong.body.errors).toEqual([
    { field: 'colour', message: 'Unexpected/invalid field in request', code: 'invalid_field' },
  ]);
  const values = await call('PUT', '/tickets/101', { custom_fields: { cf_nonsense: 1 }, status: 99 });
  expect(values.body.errors.map((error: { field: string }) => error.field)).toEqual(['cf_nonsense', 'status']);
});

test('spam and deleted tickets can be read and not changed', async () => {
  for (const id of [103, 104]) {
    expect((await call('GET', `/tickets/${id}`)).status).toBe(200);
    const refused = await call('PUT', `/tickets/${id}`, { tags: [] });
    expect(refused.status).toBe(405);
    expect(refused.headers.get('allow')).toBe('GET');
    expect((await call('POST', `/tickets/${id}/notes`, { body: 'x' })).status).toBe(405);
  }
  expect((await call('PUT', '/tickets/104/restore')).status).toBe(204);
  expect((await call('PUT', '/tickets/104', { tags: [] })).status).toBe(200);
});

test('status changes keep the times that stats tell', async () => {
  await call('PUT', '/tickets/101', { status: 5 });
  const { body } = await call('GET', '/tickets/101?include=stats');
  expect(body.stats.closed_at).toBe(body.stats.status_updated_at);
  const fields = await call('GET', '/ticket_fields?type=default_status');
  expect(fields.body).toHaveLength(1);
  expect(fields.body[0].choices['6']).toEqual(['Waiting on Development', 'Being Processed']);
});

test('a body that is no JSON is told so', async () => {
  const response = await fetch(`${freshdesk.url}/api/v2/tickets/101`, {
    method: 'PUT',
    headers: { Authorization: `Basic ${btoa('sandbox:X')}`, 'Content-Type': 'application/json' },
    body: '{"tags":',
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'invalid_json' });
});

test('agents, contacts and companies are not each other', async () => {
  const { body: ticket } = await call('GET', '/tickets/101');
  expect((await call('GET', `/contacts/${ticket.requester_id}`)).body.name).toBe('Grace Miller');
  expect(await call('GET', `/agents/${ticket.requester_id}`)).toMatchObject({ status: 404, text: '' });
  expect((await call('GET', `/agents/${ticket.responder_id}`)).body.contact.name).toBe('Ada Byron');
  expect((await call('GET', `/contacts/${ticket.responder_id}`)).status).toBe(404);
  expect((await call('GET', `/companies/${ticket.company_id}`)).body.domains).toEqual(['northwind.example']);
  expect((await call('GET', '/agents?per_page=2')).body).toHaveLength(2);
});
