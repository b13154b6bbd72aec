import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { clientOf, startReceiver } from './test-client.ts';

let sandbox: Sandbox;
let call: ReturnType<typeof clientOf>;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let status = 200;

beforeAll(async () => {
  sandbox = await startSandbox();
  call = clientOf(sandbox);
  receiver = await startReceiver(() => status);
});
beforeEach(async () => {
  await call(null, 'POST', '/_sandbox/reset');
  status = 200;
  receiver.received.length = 0;
});
afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

async function seed(options: Record<string, unknown>) {
  expect((await call(null, 'POST', '/_sandbox/seed', options)).status).toBe(200);
}
async function hook(more: Record<string, unknown> = {}): Promise<number> {
  const made = await call('maintainer', 'POST', '/projects/1/hooks', {
    url: receiver.url,
    push_events: false,
    issues_events: true,
    ...more,
  });
  expect(made.status).toBe(201);
  return made.body.id;
}
const touch = (user = 'developer', headers: Record<string, string> = {}) =>
  call(user, 'PUT', '/projects/1/issues/1', { title: 'Touched' }, headers);

test('18: a delivery has the plain token and an Idempotency-Key, and nothing of the signed scheme', async () => {
  const id = await hook({ token: 'secret' });
  await touch();
  await sandbox.settled();
  const { headers } = receiver.received[0]!;
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'x-gitlab-event': 'Issue Hook',
    'x-gitlab-token': 'secret',
    'x-gitlab-instance': sandbox.gitlab.url,
    'user-agent': 'GitLab/18.9.2',
  });
  expect(headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers['webhook-id']).toBeUndefined();
  const log = await call('maintainer', 'GET', `/projects/1/hooks/${id}/events`);
  expect(log.body[0].request_headers['X-Gitlab-Token']).toBe('[REDACTED]');
});

test('19: id and timestamp always, the signature only with a signing token, over the raw bytes', async () => {
  await seed({ version: '19.1' });
  const key = Buffer.alloc(32, 7);
  await hook({ token: 'plain' });
  const signed = await hook({ signing_token: `whsec_${key.toString('base64')}` });
  await touch();
  await sandbox.settled();
  const [plain] = receiver.received.filter(({ headers }) => headers['x-gitlab-token'] === 'plain');
  const [other] = receiver.received.filter(({ headers }) => headers['x-gitlab-token'] === undefined);
  expect(plain!.headers['webhook-id']).toBe(plain!.headers['idempotency-key']);
  expect(plain!.headers['webhook-timestamp']).toMatch(/^\d{10}$/);
  expect(plain!.headers['webhook-signature']).toBeUndefined();
  const signature = createHmac('sha256', key)
    .update(`${other!.headers['webhook-id']}.${other!.headers['webhook-timestamp']}.`)
    .update(other!.raw)
    .digest('base64');
  expect(other!.headers['webhook-signature']).toBe(`v1,${signature}`);
  const shown = (await call('maintainer', 'GET', `/projects/1/hooks/${signed}`)).body;
  expect(shown).toMatchObject({ signing_token_present: true, token_present: false });
  expect(JSON.stringify(shown)).not.toContain('whsec_');
});

test('16: no Idempotency-Key, no delivery log, no resend', async () => {
  await seed({ version: '16.11' });
  const id = await hook();
  await touch();
  await sandbox.settled();
  expect(receiver.received[0]!.headers['idempotency-key']).toBeUndefined();
  expect((await call('maintainer', 'GET', `/projects/1/hooks/${id}/events`)).status).toBe(404);
});

test('a resend carries the same Idempotency-Key and body', async () => {
  const id = await hook();
  status = 500;
  await touch();
  await sandbox.settled();
  status = 200;
  const [entry] = (await call('maintainer', 'GET', `/projects/1/hooks/${id}/events?status=server_failure`)).body;
  const again = await call('maintainer', 'POST', `/projects/1/hooks/${id}/events/${entry.id}/resend`);
  expect(again).toMatchObject({ status: 201, body: { response_status: 200 } });
  const [first, second] = receiver.received;
  expect(second!.headers['idempotency-key']).toBe(first!.headers['idempotency-key']);
  expect(second!.raw.equals(first!.raw)).toBe(true);
});

test('resends and tests are limited to five a minute', async () => {
  const id = await hook();
  const answers = [];
  for (let index = 0; index < 6; index += 1)
    answers.push(await call('maintainer', 'POST', `/projects/1/hooks/${id}/test/issues_events`));
  expect(answers.map(answer => answer.status)).toEqual([201, 201, 201, 201, 201, 429]);
  expect(answers[5]!.body.message.error).toBe('This endpoint has been requested too many times. Try again later.');
  expect(answers[5]!.headers.get('retry-after')).toBeNull();
});

test('a chain named by X-Gitlab-Event-UUID fires the same hook once', async () => {
  await hook();
  await touch();
  await sandbox.settled();
  const uuid = String(receiver.received[0]!.headers['x-gitlab-event-uuid']);
  await touch('bot', { 'X-Gitlab-Event-UUID': uuid });
  await sandbox.settled();
  expect(receiver.received).toHaveLength(1);
  await touch('bot');
  await sandbox.settled();
  expect(receiver.received).toHaveLength(2);
});

test('a hook that fails four times in a row rests, if the flag is on, and a 2xx of the Test button wakes it', async () => {
  await seed({ auto_disable_hooks: true });
  const id = await hook();
  status = 500;
  for (let index = 0; index < 4; index += 1) {
    await touch();
    await sandbox.settled();
  }
  const resting = (await call('maintainer', 'GET', `/projects/1/hooks/${id}`)).body;
  expect(resting.alert_status).toBe('temporarily_disabled');
  expect(Date.parse(resting.disabled_until)).toBeGreaterThan(Date.now());
  await touch();
  await sandbox.settled();
  expect(receiver.received).toHaveLength(4);
  status = 200;
  await call('maintainer', 'POST', `/projects/1/hooks/${id}/test/issues_events`);
  expect((await call('maintainer', 'GET', `/projects/1/hooks/${id}`)).body.alert_status).toBe('executable');
  await touch();
  await sandbox.settled();
  expect(receiver.received).toHaveLength(6);
});

test('system hooks hear every project, say "System Hook", and their test has no action; group hooks need Premium', async () => {
  const system = await call('admin', 'POST', '/hooks', {
    url: receiver.url,
    merge_requests_events: true,
    push_events: false,
  });
  expect(system.status).toBe(201);
  await call('developer', 'POST', '/projects/1/merge_requests', {
    source_branch: 'feature/licence',
    target_branch: 'main',
    title: 'Licence',
  });
  await sandbox.settled();
  expect(receiver.received[0]!.headers['x-gitlab-event']).toBe('System Hook');
  expect(receiver.received[0]!.body).toMatchObject({
    object_kind: 'merge_request',
    object_attributes: { action: 'open' },
  });
  await call('admin', 'POST', `/hooks/${system.body.id}`);
  expect(receiver.received[1]!.body.object_attributes).toBeUndefined();

  expect((await call('owner', 'POST', '/groups/acme/hooks', { url: receiver.url })).status).toBe(404);
  await seed({ tier: 'premium' });
  receiver.received.length = 0;
  expect((await call('owner', 'POST', '/groups/acme/hooks', { url: receiver.url, issues_events: true })).status).toBe(
    201,
  );
  await hook();
  await touch();
  await sandbox.settled();
  const keys = receiver.received.map(({ headers }) => headers['idempotency-key']);
  expect(new Set(keys).size).toBe(2);
});

test('confidential issues go to those who asked for them, internal notes too', async () => {
  await hook({ note_events: true });
  await call('developer', 'PUT', '/projects/1/issues/4', { title: 'Hidden' });
  await call('developer', 'POST', '/projects/1/issues/1/notes', { body: 'psst', internal: true });
  await sandbox.settled();
  expect(receiver.received).toHaveLength(0);
  await hook({ issues_events: false, confidential_issues_events: true, confidential_note_events: true });
  await call('developer', 'PUT', '/projects/1/issues/4', { title: 'Hidden again' });
  await call('developer', 'POST', '/projects/1/issues/1/notes', { body: 'psst', internal: true });
  await sandbox.settled();
  expect(
    receiver.received.map(({ headers }) => String(headers['x-gitlab-event'])).toSorted((a, b) => a.localeCompare(b)),
  ).toEqual(['Confidential Issue Hook', 'Confidential Note Hook']);
});
