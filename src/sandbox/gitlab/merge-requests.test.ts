import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { clientOf } from './test-client.ts';

let sandbox: Sandbox;
let call: ReturnType<typeof clientOf>;

beforeAll(async () => {
  sandbox = await startSandbox();
  call = clientOf(sandbox);
});
beforeEach(async () => {
  await call(null, 'POST', '/_sandbox/reset');
});
afterAll(() => sandbox.close());

async function open(sourceBranch: string, targetBranch: string, more: Record<string, unknown> = {}) {
  const made = await call('developer', 'POST', '/projects/1/merge_requests', {
    source_branch: sourceBranch,
    target_branch: targetBranch,
    title: 'Change',
    ...more,
  });
  expect(made.status).toBe(201);
  await sandbox.settled();
  return made.body.iid as number;
}

test('a new merge request is prepared after the answer: diff_refs come later', async () => {
  const made = await call('developer', 'POST', '/projects/1/merge_requests', {
    source_branch: 'feature/backup-share',
    target_branch: 'release/5.3',
    title: 'Backup',
  });
  expect(made.body).toMatchObject({
    diff_refs: null,
    changes_count: '',
    prepared_at: null,
    merge_status: 'checking',
  });
  await sandbox.settled();
  const read = await call('bot', 'GET', `/projects/1/merge_requests/${made.body.iid}`);
  expect(read.body.diff_refs.head_sha).toBe(read.body.sha);
  expect(read.body).toMatchObject({ merge_status: 'can_be_merged', detailed_merge_status: 'mergeable' });
});

test('a reply leaves its thread as it is: open in an open one, resolved in a resolved one', async () => {
  const iid = await open('feature/backup-tape', 'release/5.3');
  const threads = `/projects/1/merge_requests/${iid}/discussions`;
  const { id } = (await call('bot', 'POST', threads, { body: 'Wrong line' })).body;
  expect((await call('developer', 'POST', `${threads}/${id}/notes`, { body: 'Why?' })).body.resolved).toBe(false);
  await call('bot', 'PUT', `${threads}/${id}`, { resolved: true });
  const late = await call('developer', 'POST', `${threads}/${id}/notes`, { body: 'I see' });
  expect(late.body).toMatchObject({ resolvable: true, resolved: true, resolved_by: { username: 'developer' } });
  const read = await call('bot', 'GET', `/projects/1/merge_requests/${iid}`);
  expect(read.body.blocking_discussions_resolved).toBe(true);
});

test('an open thread holds the merge back only where the project says so', async () => {
  const iid = await open('feature/backup-share', 'release/5.3');
  await call('bot', 'POST', `/projects/1/merge_requests/${iid}/discussions`, { body: 'Wrong line' });
  const held = await call('bot', 'GET', `/projects/1/merge_requests/${iid}`);
  expect(held.body).toMatchObject({
    detailed_merge_status: 'discussions_not_resolved',
    blocking_discussions_resolved: false,
  });
  const refused = await call('maintainer', 'PUT', `/projects/1/merge_requests/${iid}/merge`);
  expect(refused).toMatchObject({ status: 405, body: { message: '405 Method Not Allowed' } });

  await call('admin', 'PUT', '/projects/1', { only_allow_merge_if_all_discussions_are_resolved: false });
  const free = await call('bot', 'GET', `/projects/1/merge_requests/${iid}`);
  expect(free.body).toMatchObject({ detailed_merge_status: 'mergeable', blocking_discussions_resolved: true });
  expect((await call('maintainer', 'PUT', `/projects/1/merge_requests/${iid}/merge`)).body.state).toBe('merged');
});

test('a head that moved is refused with 409, a conflict with 422, no right with 401', async () => {
  const iid = await open('fix/backup', 'release/5.3');
  const other = await call('maintainer', 'PUT', `/projects/1/merge_requests/${iid}/merge`, { sha: '0'.repeat(40) });
  expect(other.status).toBe(409);
  expect((await call('reporter', 'PUT', `/projects/1/merge_requests/${iid}/merge`)).status).toBe(401);
  await call('admin', 'PUT', '/projects/1/repository/files/bin%2Fbackup.sh', {
    branch: 'release/5.3',
    content: 'other\n',
    commit_message: 'Other',
  });
  const conflict = await call('maintainer', 'PUT', `/projects/1/merge_requests/${iid}/merge`);
  expect(conflict).toMatchObject({ status: 422, body: { message: 'Branch cannot be merged' } });
});

test("a fork's head can be read from the target project", async () => {
  const made = await call('contributor', 'POST', '/projects/3/merge_requests', {
    source_branch: 'translate',
    target_branch: 'main',
    target_project_id: 1,
    title: 'Translate',
  });
  expect(made.status).toBe(201);
  await sandbox.settled();
  const file = await call('bot', 'GET', `/projects/1/repository/files/src%2Fconsole.de.txt/raw?ref=${made.body.sha}`);
  expect(file).toMatchObject({ status: 200, body: 'Konsole\n' });
});
