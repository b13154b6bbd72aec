import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { clientOf } from './test-client.ts';

let sandbox: Sandbox;
let call: ReturnType<typeof clientOf>;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: false });
  call = clientOf(sandbox);
});
afterAll(() => sandbox.close());

const seed = async (options: Record<string, unknown>) =>
  expect((await call(null, 'POST', '/_sandbox/seed', options)).status).toBe(200);

async function openThread(): Promise<string> {
  const change = { source_branch: 'feature/licence', target_branch: 'main', title: 'Licence' };
  await call('developer', 'POST', '/projects/1/merge_requests', change);
  await sandbox.settled();
  return (await call('reporter', 'POST', '/projects/1/merge_requests/1/discussions', { body: 'Why?' })).body.id;
}

test('the instance says which version and edition it is', async () => {
  await seed({ version: '16.11', tier: 'free' });
  expect((await call('bot', 'GET', '/version')).body).toMatchObject({ version: '16.11.0', enterprise: false });
  await seed({ version: '19.1', tier: 'ultimate' });
  expect((await call('bot', 'GET', '/metadata')).body).toMatchObject({ version: '19.1.0-ee', enterprise: true });
  expect((await call(null, 'GET', '/version')).status).toBe(401);
});

test('who began a thread may resolve it from 18.9 on; before, only Developers and the author of the merge request', async () => {
  for (const [version, status] of [
    ['18.8', 403],
    ['18.9', 200],
  ] as const) {
    await seed({ version });
    const path = `/projects/1/merge_requests/1/discussions/${await openThread()}`;
    expect((await call('guest', 'PUT', path, { resolved: true })).status).toBe(403);
    expect((await call('reporter', 'PUT', path, { resolved: true })).status).toBe(status);
    expect((await call('bot', 'PUT', path, { resolved: true })).status).toBe(200);
    expect((await call('bot', 'PUT', path, { resolved: false })).body.notes[0].resolved).toBe(false);
    expect((await call('bot', 'PUT', '/projects/1/merge_requests/1/discussions/none', { resolved: true })).status).toBe(
      404,
    );
  }
});

test('external status checks are Ultimate, are for the head only, and hold a merge back by a name that changed in 17', async () => {
  await seed({ tier: 'premium' });
  const check = { name: 'signalbox', external_url: 'http://127.0.0.1:1/' };
  expect((await call('maintainer', 'POST', '/projects/1/external_status_checks', check)).status).toBe(404);
  for (const [version, name] of [
    ['16.11', 'external_status_checks'],
    ['18.9', 'status_checks_must_pass'],
  ] as const) {
    await seed({ tier: 'ultimate', version });
    await call('admin', 'PUT', '/projects/1', { only_allow_merge_if_all_status_checks_passed: true });
    const { id } = (await call('maintainer', 'POST', '/projects/1/external_status_checks', check)).body;
    const thread = await openThread();
    await call('bot', 'PUT', `/projects/1/merge_requests/1/discussions/${thread}`, { resolved: true });
    const { sha, detailed_merge_status } = (await call('bot', 'GET', '/projects/1/merge_requests/1')).body;
    expect(detailed_merge_status).toBe(name);
    const answer = (head: string) =>
      call('bot', 'POST', '/projects/1/merge_requests/1/status_check_responses', {
        sha: head,
        external_status_check_id: id,
        status: 'passed',
      });
    expect((await answer('0'.repeat(40))).status).toBe(409);
    expect((await answer(sha)).status).toBe(201);
    expect((await call('bot', 'GET', '/projects/1/merge_requests/1')).body.detailed_merge_status).toBe('mergeable');
  }
});

test('uploads: the id came with 17.3, full_path by project id with 17.1', async () => {
  const upload = async () => {
    const form = new FormData();
    form.set('file', new Blob(['x']), 'a.txt');
    return (await call('bot', 'POST', '/projects/1/uploads', form)).body;
  };
  await seed({ version: '16.11' });
  const old = await upload();
  expect(old.id).toBeUndefined();
  expect(old.full_path).toMatch(/^\/acme\/appliance\/uploads\//);
  await seed({ version: '18.9' });
  expect(await upload()).toMatchObject({ id: 1, full_path: expect.stringMatching(/^\/-\/project\/1\/uploads\//) });
});

test('before 17 quick actions were found line by line, also where Markdown continues a quote', async () => {
  const lazy = { title: 'Lazy', description: '> quoted\n/close' };
  await seed({ version: '16.11' });
  expect((await call('bot', 'POST', '/projects/1/issues', lazy)).body.state).toBe('closed');
  await seed({ version: '18.9' });
  expect((await call('bot', 'POST', '/projects/1/issues', lazy)).body.state).toBe('opened');
});

test('several assignees are Premium: Free keeps the first and says nothing', async () => {
  const both = async () =>
    (await call('bot', 'PUT', '/projects/1/issues/1', { assignee_ids: [3, 4] })).body.assignees.length;
  await seed({ tier: 'free' });
  expect(await both()).toBe(1);
  await seed({ tier: 'premium' });
  expect(await both()).toBe(2);
});
