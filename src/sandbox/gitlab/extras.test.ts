import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { clientOf } from './test-client.ts';

const project = '/projects/acme%2Fappliance';
let sandbox: Sandbox;
let api: ReturnType<typeof clientOf>;
let mergeRequest: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  api = clientOf(sandbox);
  const body = { source_branch: 'fix/backup', target_branch: 'main', title: 'Fix', reviewer_ids: [1] };
  const made = await api('developer', 'POST', `${project}/merge_requests`, body);
  mergeRequest = `${project}/merge_requests/${made.body.iid}`;
  await sandbox.settled();
});
afterAll(() => sandbox.close());

it('keeps draft notes to their author until they are published', async () => {
  const thread = await api('bot', 'POST', `${mergeRequest}/discussions`, { body: 'look' });
  const reply = { note: 'looked', in_reply_to_discussion_id: thread.body.id, resolve_discussion: true };
  const draft = await api('developer', 'POST', `${mergeRequest}/draft_notes`, reply);
  expect(draft.body).toMatchObject({ note: 'looked', discussion_id: thread.body.id, resolve_discussion: true });
  expect((await api('maintainer', 'GET', `${mergeRequest}/draft_notes`)).body).toEqual([]);
  const one = `${mergeRequest}/draft_notes/${draft.body.id}`;
  expect((await api('maintainer', 'GET', one)).status).toBe(404);
  expect((await api('developer', 'PUT', one, { note: 'looked twice' })).body.note).toBe('looked twice');
  expect((await api('developer', 'PUT', `${one}/publish`)).status).toBe(204);
  const notes = (await api('bot', 'GET', `${mergeRequest}/discussions/${thread.body.id}`)).body.notes;
  expect(notes.map((note: { body: string; resolved: boolean }) => [note.body, note.resolved])).toEqual([
    ['look', true],
    ['looked twice', true],
  ]);
  const second = await api('developer', 'POST', `${mergeRequest}/draft_notes`, { note: 'second' });
  await api('developer', 'POST', `${mergeRequest}/draft_notes`, { note: 'third' });
  expect((await api('developer', 'DELETE', `${mergeRequest}/draft_notes/${second.body.id}`)).status).toBe(204);
  expect((await api('developer', 'POST', `${mergeRequest}/draft_notes/bulk_publish`)).status).toBe(204);
  const bodies = (await api('bot', 'GET', `${mergeRequest}/notes?per_page=100`)).body.map(
    (note: { body: string }) => note.body,
  );
  expect(bodies).toContain('third');
  expect(bodies).not.toContain('second');
});

it('tells reviewers, the raw patch, the sequence of a commit, and that no tag is signed', async () => {
  const reviewers = await api('developer', 'GET', `${mergeRequest}/reviewers`);
  expect(reviewers.body).toMatchObject([{ user: { id: 1 }, state: 'unreviewed' }]);
  expect((await api('developer', 'GET', `${mergeRequest}/raw_diffs`)).body).toMatch(/^diff --git a\//);
  const { sha } = (await api('developer', 'GET', mergeRequest)).body;
  const sequence = (await api('developer', 'GET', `${project}/repository/commits/${sha}/sequence`)).body.count;
  const before = (await api('developer', 'GET', `${project}/repository/commits/${sha}~1/sequence`)).body.count;
  expect(sequence).toBe(before + 1);
  await api('maintainer', 'POST', `${project}/repository/tags`, { tag_name: 'v0', ref: 'main' });
  const signature = await api('developer', 'GET', `${project}/repository/tags/v0/signature`);
  expect([signature.status, signature.body]).toEqual([404, { message: '404 Signature Not Found' }]);
  expect((await api('developer', 'POST', `${mergeRequest}/pipelines`)).status).toBe(400);
});

it('subscribes, clones, reorders and makes to-dos', async () => {
  expect((await api('bot', 'POST', `${mergeRequest}/subscribe`)).status).toBe(304); // its notes made it a subscriber
  expect((await api('bot', 'POST', `${mergeRequest}/unsubscribe`)).body.subscribed).toBe(false);
  const clone = await api('maintainer', 'POST', `${project}/issues/1/clone`, { to_project_id: 1 });
  expect([clone.status, clone.body.iid === 1, clone.body.labels]).toEqual([201, false, ['To Do']]);
  expect((await api('maintainer', 'GET', `${project}/issues/1`)).body.state).toBe('opened');
  const reordered = await api('maintainer', 'PUT', `${project}/issues/1/reorder`, { move_after_id: clone.body.id });
  expect([reordered.status, reordered.body.iid]).toEqual([200, 1]);
  const todo = await api('maintainer', 'POST', `${project}/issues/1/todo`);
  expect([todo.status, todo.body.state, todo.body.target.iid]).toEqual([201, 'pending', 1]);
});

it('rotates a project token: the old secret ends, the new one works', async () => {
  const body = { name: 'ci', scopes: ['api'], access_level: 30, expires_at: '2030-01-01' };
  const made = (await api('maintainer', 'POST', `${project}/access_tokens`, body)).body;
  const rotated = await api('maintainer', 'POST', `${project}/access_tokens/${made.id}/rotate`, {
    expires_at: '2030-02-02',
  });
  expect(rotated.body).toMatchObject({ name: 'ci', expires_at: '2030-02-02', access_level: 30, active: true });
  const as = (token: string) => api(null, 'GET', project, undefined, { 'PRIVATE-TOKEN': token });
  expect([(await as(made.token)).status, (await as(rotated.body.token)).status]).toEqual([401, 200]);
});

it('answers what test suites ask of the instance', async () => {
  expect((await api('admin', 'GET', '/sidekiq/process_metrics')).body.processes[0].busy).toBe(0);
  expect((await api('developer', 'GET', '/sidekiq/process_metrics')).status).toBe(403);
  expect((await api('admin', 'GET', '/license')).status).toBe(404);
  expect((await api('admin', 'POST', `${project}/star`)).body.star_count).toBe(1);
  expect((await api('admin', 'POST', `${project}/star`)).status).toBe(304);
  expect((await api('admin', 'GET', `${project}/groups`)).body.map((group: { path: string }) => group.path)).toEqual([
    'acme',
  ]);
  expect((await api('admin', 'GET', `${project}/users?search=strang`)).body).toEqual([]);
  expect((await api('developer', 'GET', `${project}/snapshot`)).status).toBe(403);
});

it('keeps approval rules on paid tiers only', async () => {
  expect((await api('admin', 'GET', `${project}/approval_rules`)).status).toBe(404);
  const paid = await startSandbox({ tier: 'premium' });
  const call = clientOf(paid);
  const body = { name: 'two', approvals_required: 2, user_ids: [1] };
  const rule = (await call('admin', 'POST', `${project}/approval_rules`, body)).body;
  expect(rule).toMatchObject({ name: 'two', rule_type: 'regular', users: [{ id: 1 }], approvals_required: 2 });
  const one = `${project}/approval_rules/${rule.id}`;
  expect((await call('admin', 'PUT', one, { approvals_required: 1 })).body.approvals_required).toBe(1);
  expect((await call('admin', 'POST', `${project}/approval_rules`, { name: 'x' })).body.error).toBe(
    'approvals_required is missing',
  );
  expect((await call('admin', 'GET', '/license')).body.plan).toBe('premium');
  expect((await call('admin', 'DELETE', one)).status).toBe(204);
  expect((await call('admin', 'GET', one)).status).toBe(404);
  await paid.close();
});
