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

const ALL = {
  push_events: true,
  tag_push_events: true,
  merge_requests_events: true,
  issues_events: true,
  confidential_issues_events: true,
  note_events: true,
};

async function hook(more: Record<string, unknown> = {}): Promise<number> {
  const made = await call('admin', 'POST', '/projects/1/hooks', { url: receiver.url, ...ALL, ...more });
  expect(made.status).toBe(201);
  return made.body.id;
}

async function open(sourceBranch: string, targetBranch: string, more: Record<string, unknown> = {}): Promise<number> {
  const body = { source_branch: sourceBranch, target_branch: targetBranch, title: 'Change', ...more };
  const made = await call('developer', 'POST', '/projects/1/merge_requests', body);
  expect(made.status).toBe(201);
  await sandbox.settled();
  return made.body.iid;
}

/** What came in since the last look, as `kind/action`. */
async function events(): Promise<string[]> {
  await sandbox.settled();
  return receiver.received.splice(0).map(({ body }) => `${body.object_kind}/${body.object_attributes?.action ?? ''}`);
}

test('a failed delivery is never tried again; only the log remembers it', async () => {
  const id = await hook();
  status = 503;
  await call('developer', 'PUT', '/projects/1/issues/1', { title: 'New' });
  expect(await events()).toEqual(['issue/update']);
  status = 200;
  await call('developer', 'PUT', '/projects/1/issues/2', { title: 'Other' });
  expect(await events()).toEqual(['issue/update']);
  const log = await call('maintainer', 'GET', `/projects/1/hooks/${id}/events?status=server_failure`);
  expect(log.body).toHaveLength(1);
  expect(log.body[0]).toMatchObject({
    response_status: '503',
    trigger: 'issues_hooks',
    request_data: { object_attributes: { iid: 1 } },
  });
});

test('a retarget says only that the merge status was reset', async () => {
  await hook();
  const iid = await open('feature/backup-share', 'release/5.3');
  receiver.received.length = 0;
  await call('developer', 'PUT', `/projects/1/merge_requests/${iid}`, { target_branch: 'release/5.4' });
  await sandbox.settled();
  const { body } = receiver.received[0]!;
  expect(body.object_attributes).toMatchObject({ action: 'update', target_branch: 'release/5.4' });
  expect(body.changes).toEqual({ merge_status: { previous: 'can_be_merged', current: 'unchecked' } });
});

test('no merge request event tells that the target branch moved', async () => {
  await hook();
  await open('feature/backup-share', 'release/5.3');
  await events();
  await call('maintainer', 'PUT', '/projects/1/repository/files/VERSION', {
    branch: 'release/5.3',
    content: '5.3.9\n',
    commit_message: 'Bump',
  });
  expect(await events()).toEqual(['push/']);
});

test('a push to the source branch does tell, with the head it had before', async () => {
  await hook();
  await open('feature/backup-share', 'release/5.3');
  const before = (await call('bot', 'GET', '/projects/1/merge_requests/1')).body.sha;
  await events();
  await call('developer', 'POST', '/projects/1/repository/files/more.txt', {
    branch: 'feature/backup-share',
    content: 'x',
    commit_message: 'More',
  });
  await sandbox.settled();
  const event = receiver.received.find(({ body }) => body.object_kind === 'merge_request')!;
  expect(event.body.object_attributes).toMatchObject({ action: 'update', oldrev: before });
  expect(event.body.object_attributes.last_commit.id).not.toBe(before);
});

test('a save that changes nothing fires a hook and moves updated_at', async () => {
  await hook();
  const before = (await call('bot', 'GET', '/projects/1/issues/1')).body;
  const saved = await call('bot', 'PUT', '/projects/1/issues/1', { title: before.title, labels: before.labels });
  expect(saved.body.updated_at > before.updated_at).toBe(true);
  await sandbox.settled();
  expect(receiver.received).toHaveLength(1);
  expect(Object.keys(receiver.received[0]!.body.changes).filter(name => !name.startsWith('updated_'))).toEqual([]);

  receiver.received.length = 0;
  const iid = await open('feature/licence', 'main');
  await events();
  const mergeRequest = (await call('bot', 'GET', `/projects/1/merge_requests/${iid}`)).body;
  const again = await call('developer', 'PUT', `/projects/1/merge_requests/${iid}`, { title: mergeRequest.title });
  expect(again.body.updated_at > mergeRequest.updated_at).toBe(true);
  expect(await events()).toEqual(['merge_request/update']);
});

test('an unknown label in add_labels is created without a word', async () => {
  const saved = await call('bot', 'PUT', '/projects/1/issues/1', {
    add_labels: 'to test',
    remove_labels: 'To Do,Nonsense',
  });
  expect(saved.body.labels).toEqual(['to test']);
  const labels = await call('bot', 'GET', '/projects/1/labels?search=to%20test');
  expect(labels.body.map((label: { name: string }) => label.name).sort()).toEqual(['To Test', 'to test']);
});

test("quick actions in API texts run with the caller's rights", async () => {
  const made = await call('bot', 'POST', '/projects/1/issues', {
    title: 'From a customer',
    description: 'It broke.\n\n/close\n/label ~Testing',
  });
  expect(made.body).toMatchObject({ state: 'closed', labels: ['Testing'], description: 'It broke.' });

  const only = await call('bot', 'POST', '/projects/1/issues/1/notes', { body: '/close' });
  expect(only.status).toBe(202);
  expect(only.body.commands_changes).toEqual({ state_event: 'close' });
  expect((await call('bot', 'GET', '/projects/1/issues/1')).body.state).toBe('closed');
  expect(
    (await call('bot', 'GET', '/projects/1/issues/1/notes')).body.map((note: { body: string }) => note.body),
  ).not.toContain('/close');

  const mixed = await call('bot', 'POST', '/projects/1/issues/1/notes', { body: 'Again!\n/reopen' });
  expect(mixed).toMatchObject({ status: 201, body: { body: 'Again!' } });
  expect((await call('bot', 'GET', '/projects/1/issues/1')).body.state).toBe('opened');
});

test('what is quoted, in code, in a list or escaped is no quick action', async () => {
  const harmless =
    '> /close\n\n```\n/close\n```\n\n- /close\n\n\\/close\n\n    /close\n\ntext /close\n\n<div>\n/close\n</div>';
  const made = await call('bot', 'POST', '/projects/1/issues', { title: 'Safe', description: harmless });
  expect(made.body).toMatchObject({ state: 'opened', description: harmless });
});

test('closes_issues is empty off the default branch, whatever the text says', async () => {
  const off = await open('feature/backup-share', 'release/5.3', { description: 'Closes #1' });
  expect((await call('bot', 'GET', `/projects/1/merge_requests/${off}/closes_issues`)).body).toEqual([]);
  const on = await open('fix/backup', 'main', { description: 'Closes #1' });
  expect((await call('bot', 'GET', `/projects/1/merge_requests/${on}/closes_issues`)).body).toMatchObject([{ iid: 1 }]);
});

test('"Closes #1" closes on the merge into main, after the answer; autoclose off keeps it open', async () => {
  await call(null, 'POST', '/_sandbox/seed', { background_delay_ms: 150 });
  await hook();
  const iid = await open('fix/backup', 'main', { description: 'Closes #1\n\nAlso see #2' });
  await events();
  expect((await call('maintainer', 'PUT', `/projects/1/merge_requests/${iid}/merge`)).body.state).toBe('merged');
  expect((await call('bot', 'GET', '/projects/1/issues/1')).body.state).toBe('opened');
  const told = await events();
  expect(told.sort()).toEqual(['issue/close', 'merge_request/merge', 'push/']);
  expect((await call('bot', 'GET', '/projects/1/issues/1')).body.state).toBe('closed');
  expect((await call('bot', 'GET', '/projects/1/issues/1/closed_by')).body).toMatchObject([{ iid }]);
  expect((await call('bot', 'GET', '/projects/1/issues/2/related_merge_requests')).body).toMatchObject([{ iid }]);

  await call('admin', 'PUT', '/projects/1', { autoclose_referenced_issues: false });
  const second = await open('feature/licence', 'main', { description: 'Closes #2' });
  await call('maintainer', 'PUT', `/projects/1/merge_requests/${second}/merge`);
  await sandbox.settled();
  expect((await call('bot', 'GET', '/projects/1/issues/2')).body.state).toBe('opened');
});

test('the Test button sends `open` for the newest merge request, merged or not', async () => {
  const id = await hook();
  const iid = await open('feature/licence', 'main');
  await call('maintainer', 'PUT', `/projects/1/merge_requests/${iid}/merge`);
  await events();
  expect((await call('maintainer', 'POST', `/projects/1/hooks/${id}/test/merge_requests_events`)).status).toBe(201);
  expect(receiver.received[0]!.body.object_attributes).toMatchObject({ iid, action: 'open', state: 'merged' });
});

test('a push that touches more than three refs fires nothing', async () => {
  await hook();
  const { gitPush } = await import('./test-git.ts');
  await gitPush(
    sandbox,
    ['one', 'two', 'three'].map(name => `HEAD:refs/heads/few/${name}`),
  );
  expect(await events()).toEqual(['push/', 'push/', 'push/']);
  await gitPush(
    sandbox,
    ['one', 'two', 'three', 'four'].map(name => `HEAD:refs/heads/many/${name}`),
  );
  expect(await events()).toEqual([]);
});
