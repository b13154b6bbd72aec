import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { clientOf } from './test-client.ts';

let sandbox: Sandbox;
let call: ReturnType<typeof clientOf>;

beforeAll(async () => {
  sandbox = await startSandbox();
  call = clientOf(sandbox);
});
beforeEach(() => call(null, 'POST', '/_sandbox/reset'));
afterAll(() => sandbox.close());

const put = (user: string, body: Record<string, unknown>, iid = 1) =>
  call(user, 'PUT', `/projects/1/issues/${iid}`, body);
const seed = (options: Record<string, unknown>) => call(null, 'POST', '/_sandbox/seed', options);

test('labels: a set that replaces, and relative changes computed as (labels ∪ add) − remove', async () => {
  expect((await put('bot', { labels: ['In Review', 'freshdesk'] })).body.labels).toEqual(['In Review', 'freshdesk']);
  const both = await put('bot', { add_labels: 'To Test,Testing', remove_labels: ['Testing', 'In Review'] });
  expect(both.body.labels).toEqual(['To Test', 'freshdesk']);
  expect((await put('bot', { labels: '' })).body.labels).toEqual([]);
});

test('label events tell who moved an issue and when; a change of nothing tells nothing', async () => {
  await put('developer', { add_labels: 'In Review', remove_labels: 'To Do' });
  await put('developer', { add_labels: 'In Review' });
  const events = (await call('bot', 'GET', '/projects/1/issues/1/resource_label_events')).body;
  expect(
    events.map((event: { action: string; label: { name: string }; user: { username: string } }) => [
      event.user.username,
      event.action,
      event.label.name,
    ]),
  ).toEqual([
    ['reporter', 'add', 'To Do'],
    ['developer', 'add', 'In Review'],
    ['developer', 'remove', 'To Do'],
  ]);
});

test('scoped labels push each other out on Premium; on Free both stay', async () => {
  const both = async () => {
    await put('bot', { add_labels: 'state::a' });
    return (await put('bot', { add_labels: 'state::b' })).body.labels;
  };
  expect(await both()).toEqual(['To Do', 'state::a', 'state::b']);
  await seed({ tier: 'premium' });
  expect(await both()).toEqual(['To Do', 'state::b']);
});

test('labels of somebody who may not set them are dropped without a word; strangers see nothing', async () => {
  const made = await call('guest', 'POST', '/projects/1/issues', {
    title: 'Mine',
    labels: 'Testing',
    confidential: true,
  });
  expect(made).toMatchObject({ status: 201, body: { labels: [], confidential: true } });
  expect((await put('guest', { title: 'Not mine' })).status).toBe(403);
  expect((await call('guest', 'GET', '/projects/1/issues/4')).status).toBe(404);
  expect((await call('guest', 'GET', '/projects/1/issues')).body.map((issue: { iid: number }) => issue.iid)).toEqual([
    5, 3, 2, 1,
  ]);
  expect((await call('stranger', 'GET', '/projects/1/issues/1')).body).toEqual({ message: '404 Project Not Found' });
});

test('issue addresses moved to /-/work_items/ with 18.10', async () => {
  expect((await call('bot', 'GET', '/projects/1/issues/1')).body.web_url).toBe(
    `${sandbox.gitlab.url}/acme/appliance/-/issues/1`,
  );
  await seed({ version: '18.10' });
  expect((await call('bot', 'GET', '/projects/1/issues/1')).body.web_url).toBe(
    `${sandbox.gitlab.url}/acme/appliance/-/work_items/1`,
  );
});

test('a text that names an issue leaves one system note there, and code names nothing', async () => {
  const text = { body: 'Like #2, really #2, and `#3`.\n\n```\n#3\n```' };
  await call('developer', 'POST', '/projects/1/issues/1/notes', text);
  await call('developer', 'POST', '/projects/1/issues/1/notes', { body: 'again #2' });
  const bodies = async (iid: number) =>
    (await call('bot', 'GET', `/projects/1/issues/${iid}/notes?activity_filter=only_activity`)).body.map(
      (note: { body: string }) => note.body,
    );
  expect(await bodies(2)).toEqual(['mentioned in issue #1', 'assigned to @developer']);
  expect(await bodies(3)).toEqual([]);
});

test('moving an issue closes it here and points there', async () => {
  const moved = await call('maintainer', 'POST', '/projects/1/issues/1/move', { to_project_id: 2 });
  expect(moved).toMatchObject({
    status: 201,
    body: { project_id: 2, title: 'Backup fails when the disk is nearly full', labels: [] },
  });
  const old = (await call('bot', 'GET', '/projects/1/issues/1')).body;
  expect(old).toMatchObject({ state: 'closed', moved_to_id: moved.body.id });
  expect((await call('bot', 'POST', '/projects/1/issues/2/move', { to_project_id: 1 })).body.message).toBe(
    'Cannot move issue to project it originates from!',
  );
});

test('errors have the shapes of GitLab', async () => {
  const cases: [ReturnType<typeof call>, number, unknown][] = [
    [call('bot', 'POST', '/projects/1/issues', {}), 400, { error: 'title is missing' }],
    [call('bot', 'POST', '/projects/1/issues', { title: ' ' }), 400, { message: { title: ["can't be blank"] } }],
    [
      call('bot', 'POST', '/projects/1/issues', { title: 'x'.repeat(256) }),
      400,
      { message: { title: ['is too long (maximum is 255 characters)'] } },
    ],
    [call('bot', 'GET', '/projects/1/issues/99'), 404, { message: '404 Not found' }],
    [call('bot', 'GET', '/projects/1/issues/abc'), 400, { error: 'iid is invalid' }],
    [call('bot', 'GET', '/projects/99/issues'), 404, { message: '404 Project Not Found' }],
    [
      call('bot', 'PUT', '/projects/1/issues/1', { state_event: 'shut' }),
      400,
      { error: 'state_event does not have a valid value' },
    ],
    [call('bot', 'GET', '/nowhere'), 404, { error: '404 Not Found' }],
    [call('bot', 'PATCH', '/projects/1/issues/1', {}), 405, { error: '405 Not Allowed' }],
    [call('unknown', 'GET', '/user'), 401, { message: '401 Unauthorized' }],
    [call(null, 'GET', '/user'), 401, { message: '401 Unauthorized' }],
    [call('bot', 'DELETE', '/projects/1/issues/1'), 403, { message: '403 Forbidden' }],
    [call('bot', 'GET', '/projects/1/hooks'), 403, { message: '403 Forbidden' }],
  ];
  for (const [answer, status, body] of cases) expect(await answer).toMatchObject({ status, body });
  expect((await call('read', 'PUT', '/projects/1/issues/1', { title: 'x' })).body).toMatchObject({
    error: 'insufficient_scope',
  });
  expect((await call('expired', 'GET', '/user')).body).toMatchObject({ error: 'invalid_token' });
});

test('too many comments in a minute are refused, with a body and without a Retry-After', async () => {
  await seed({ limits: { notes_create: 3 } });
  const answers = [];
  for (const body of ['1', '2', '3', '4']) {
    answers.push(await call('bot', 'POST', '/projects/1/issues/1/notes', { body }));
  }
  expect(answers.map(answer => answer.status)).toEqual([201, 201, 201, 429]);
  expect(answers[3]!.headers.get('retry-after')).toBeNull();
});
