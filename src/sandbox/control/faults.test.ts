import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { clientOf, startReceiver } from '../gitlab/test-client.ts';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { FaultBook, faultRule, pathPattern } from './faults.ts';

let sandbox: Sandbox;
let call: ReturnType<typeof clientOf>;

beforeAll(async () => {
  sandbox = await startSandbox();
  call = clientOf(sandbox);
});
beforeEach(() => call(null, 'POST', '/_sandbox/reset'));
afterAll(() => sandbox.close());

const fault = (rule: unknown) => call(null, 'POST', '/_sandbox/faults', rule);
const notes = async () => (await call('bot', 'GET', '/projects/1/issues/3/notes')).body as { body: string }[];
const comment = (body: string) => call('bot', 'POST', '/projects/1/issues/3/notes', { body });

test('a status instead of an answer, so many times, after so many', async () => {
  await fault({
    match: { method: 'POST', path: '/notes' },
    after: 1,
    times: 2,
    fault: { status: 502, headers: { 'x-from': 'proxy' }, body: { error: 'bad' } },
  });
  const answers = [];
  for (const text of ['a', 'b', 'c', 'd']) answers.push(await comment(text));
  expect(answers.map(answer => answer.status)).toEqual([201, 502, 502, 201]);
  expect(answers[1]!.body).toEqual({ error: 'bad' });
  expect(answers[1]!.headers.get('x-from')).toBe('proxy');
  expect((await notes()).map(note => note.body).sort()).toEqual(['a', 'd']);
});

test('a connection that dies before the change leaves nothing, one that dies after it leaves the change', async () => {
  await fault({ match: { method: 'POST' }, times: 1, fault: { reset: 'before' } });
  await expect(comment('lost')).rejects.toThrow();
  expect(await notes()).toHaveLength(0);
  await fault({ match: { method: 'POST' }, times: 1, fault: { reset: 'after' } });
  await expect(comment('kept')).rejects.toThrow();
  expect(await notes()).toHaveLength(1);
});

test('commit_then does the work and answers as a broken proxy would', async () => {
  await fault({
    match: { method: 'POST', path: '/api/v4/projects/1/issues/3/notes' },
    times: 1,
    fault: { commit_then: 502 },
  });
  expect((await comment('kept')).status).toBe(502);
  expect(await notes()).toHaveLength(1);
});

test('a rate limit answers 429 in plain text with the headers that say when', async () => {
  await fault({ match: { path: '/issues/3/notes' }, fault: { rate_limit: { limit: 2, window_s: 30 } } });
  const answers = [await comment('1'), await comment('2'), await comment('3')];
  expect(answers.map(answer => answer.status)).toEqual([201, 201, 429]);
  expect(answers[1]!.headers.get('ratelimit-remaining')).toBe('0');
  expect(answers[2]!.body.trim()).toBe('Retry later');
  expect(Number(answers[2]!.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await call('bot', 'GET', '/projects/1')).status).toBe(200);
});

test('a delay delays', async () => {
  await fault({ match: { path: '/version' }, times: 1, fault: { delay_ms: 120 } });
  const started = performance.now();
  await call('bot', 'GET', '/version');
  expect(performance.now() - started).toBeGreaterThanOrEqual(115);
});

test('webhooks can be dropped and duplicated', async () => {
  const receiver = await startReceiver();
  await call('admin', 'POST', '/projects/1/hooks', { url: receiver.url, issues_events: true });
  await fault({ fault: { drop_webhooks: 1 }, times: 1 });
  await call('developer', 'PUT', '/projects/1/issues/1', { title: 'a' });
  await fault({ fault: { duplicate_webhooks: true } });
  await call('developer', 'PUT', '/projects/1/issues/1', { title: 'b' });
  await sandbox.settled();
  expect(receiver.received.map(({ body }) => body.object_attributes.title)).toEqual(['b', 'b']);
  const [one, two] = receiver.received;
  expect(one!.headers['idempotency-key']).toBe(two!.headers['idempotency-key']);
  await receiver.close();
});

test('every request is on record, in order, without secrets; so are the faults', async () => {
  await comment('one');
  await call('bot', 'GET', '/projects/1/issues/3');
  const { body } = await call(null, 'GET', '/_sandbox/requests');
  expect(body.map((entry: { method: string; path: string }) => `${entry.method} ${entry.path}`)).toEqual([
    'POST /api/v4/projects/1/issues/3/notes',
    'GET /api/v4/projects/1/issues/3',
  ]);
  expect(body[0]).toMatchObject({ status: 201, body: { body: 'one' } });
  expect(JSON.stringify(body)).not.toContain('glpat-');
});

test('a rule that makes no sense is refused with the reason', async () => {
  const answer = await fault({ fault: { explode: true } });
  expect(answer.status).toBe(400);
  const nowhere = await fault({ match: { path: '/issues/' }, fault: { status: 500 } });
  expect([nowhere.status, JSON.stringify(nowhere.body)]).toEqual([
    400,
    expect.stringContaining('/* is what lies below'),
  ]);
});

test('paths match whole, by their end, with stars and names, or as a regular expression', () => {
  const cases: [string, string, boolean][] = [
    ['/api/v4/projects/1', '/api/v4/projects/1', true],
    ['/api/v4/projects/1', '/api/v4/projects/12', false],
    ['/discussions', '/api/v4/projects/1/merge_requests/2/discussions', true],
    ['/discussions', '/api/v4/projects/1/merge_requests/2/discussions/9', false],
    ['/projects/:id/issues', '/api/v4/projects/acme%2Fappliance/issues', true],
    ['/api/v4/projects/*', '/api/v4/projects/1/issues/3', true],
    ['/issues/\\d+$', '/api/v4/projects/1/issues/3', true],
    ['notes', '/api/v4/projects/1/issues/3/notes', true],
  ];
  for (const [pattern, path, expected] of cases)
    expect(pathPattern(pattern).test(path), `${pattern} ~ ${path}`).toBe(expected);
});

test('shuffled webhooks are spread over time', () => {
  const book = new FaultBook();
  expect(book.scheduleWebhook()).toEqual([0]);
  book.add(faultRule.parse({ fault: { shuffle_webhooks: 1000 } }));
  const delays = Array.from({ length: 50 }, () => book.scheduleWebhook()[0] ?? 0);
  expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(100);
});
