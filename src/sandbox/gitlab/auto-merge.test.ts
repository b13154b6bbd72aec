import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { clientOf } from './test-client.ts';

let sandbox: Sandbox;
let api: ReturnType<typeof clientOf>;
let project: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  api = clientOf(sandbox);
  const made = await api('admin', 'POST', '/projects', { name: 'pipelined' });
  project = `/projects/${made.body.id}`;
});
afterAll(() => sandbox.close());

async function openMergeRequest(branch: string, files: Record<string, string>): Promise<string> {
  const actions = Object.entries(files).map(([file_path, content]) => ({ action: 'create', file_path, content }));
  await api('admin', 'POST', `${project}/repository/branches`, { branch, ref: 'main' });
  await api('admin', 'POST', `${project}/repository/commits`, { branch, commit_message: branch, actions });
  const body = { source_branch: branch, target_branch: 'main', title: branch };
  const made = await api('admin', 'POST', `${project}/merge_requests`, body);
  await sandbox.settled();
  return `${project}/merge_requests/${made.body.iid}`;
}

it('makes a first commit before the first branch of an empty project', async () => {
  const made = await api('admin', 'POST', `${project}/repository/branches`, { branch: 'my.first', ref: 'main' });
  expect([made.status, made.body.name]).toEqual([201, 'my.first']);
  const commits = await api('admin', 'GET', `${project}/repository/commits`);
  expect(commits.body.map((commit: { title: string }) => commit.title)).toEqual(['Add README.md']);
});

it('refuses to wait for a pipeline that is not there', async () => {
  const path = await openMergeRequest('no-ci', { a: '' });
  const answer = await api('admin', 'PUT', `${path}/merge`, { merge_when_pipeline_succeeds: true });
  expect([answer.status, answer.body]).toEqual([405, { message: '405 Method Not Allowed' }]);
});

it('waits for a running pipeline, can be called off, and merges when the pipeline succeeds', async () => {
  const ci = `test:\n  rules:\n    - if: '$CI_PIPELINE_SOURCE == "merge_request_event"'\n`;
  const path = await openMergeRequest('with-ci', { '.gitlab-ci.yml': ci });
  const ordered = await api('admin', 'PUT', `${path}/merge`, { merge_when_pipeline_succeeds: true });
  expect(ordered.body).toMatchObject({ state: 'opened', merge_when_pipeline_succeeds: true });
  expect(ordered.body.head_pipeline).toMatchObject({ status: 'created', source: 'merge_request_event' });
  const cancelled = await api('admin', 'POST', `${path}/cancel_merge_when_pipeline_succeeds`);
  expect([cancelled.status, cancelled.body]).toEqual([201, { status: 'success' }]);
  await api('admin', 'PUT', `${path}/merge`, { auto_merge: true });
  const { sha } = ordered.body;
  await api('admin', 'POST', `${project}/statuses/${sha}`, { state: 'running', ref: 'with-ci' });
  await sandbox.settled();
  expect((await api('admin', 'GET', path)).body.state).toBe('opened');
  await api('admin', 'POST', `${project}/statuses/${sha}`, { state: 'success', ref: 'with-ci' });
  await sandbox.settled();
  expect((await api('admin', 'GET', path)).body).toMatchObject({
    state: 'merged',
    merge_when_pipeline_succeeds: false,
  });
});

it('takes no push from before a merge request was opened for a change of it', async () => {
  const slow = await startSandbox({ seed: { background_delay_ms: 100 } });
  const call = clientOf(slow);
  const acme = '/projects/acme%2Fappliance';
  await call('admin', 'POST', `${acme}/repository/branches`, { branch: 'quick', ref: 'main' });
  const actions = [{ action: 'create', file_path: 'quick', content: 'x' }];
  await call('admin', 'POST', `${acme}/repository/commits`, { branch: 'quick', commit_message: 'Quick', actions });
  const body = { source_branch: 'quick', target_branch: 'main', title: 'Quick' };
  const { iid, sha } = (await call('admin', 'POST', `${acme}/merge_requests`, body)).body;
  await slow.settled();
  expect((await call('admin', 'GET', `${acme}/merge_requests/${iid}`)).body.sha).toBe(sha);
  expect((await call('admin', 'GET', `${acme}/merge_requests/${iid}/versions`)).body).toHaveLength(1);
  expect((await call('admin', 'GET', `${acme}/merge_requests/${iid}/notes`)).body).toEqual([]);
  await slow.close();
});
