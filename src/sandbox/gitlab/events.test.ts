import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { clientOf } from './test-client.ts';
import { gitPush } from './test-git.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const EVENTS = '/projects/acme%2Flib-ssh/events';
const day = (offset: number) => new Date(Date.now() + offset * 24 * 60 * 60_000).toISOString().slice(0, 10);

test('the feed has each push with where the branch was and is; the days of before and after do not count', async () => {
  const call = clientOf(sandbox);
  await gitPush(sandbox, ['HEAD:main'], { project: 'acme/lib-ssh', message: 'First' });
  await gitPush(sandbox, ['HEAD:main', 'HEAD:refs/tags/x1'], { project: 'acme/lib-ssh', message: 'Second' });
  await sandbox.settled();
  const { body } = await call('bot', 'GET', `${EVENTS}?action=pushed&sort=asc&after=${day(-1)}`);
  const [first, second, tag] = body as { action_name: string; push_data: Record<string, unknown> }[];
  expect(first).toMatchObject({ action_name: 'pushed to', author_username: 'maintainer', target_type: null });
  expect(first?.push_data).toMatchObject({ ref: 'main', ref_type: 'branch', commit_count: 1, commit_title: 'First' });
  expect(second?.push_data['commit_from']).toBe(first?.push_data['commit_to']);
  expect(tag).toMatchObject({
    action_name: 'pushed new',
    push_data: { ref_type: 'tag', ref: 'x1', commit_from: null },
  });
  for (const query of [`after=${day(0)}`, `before=${day(0)}`, 'action=closed', 'target_type=issue']) {
    expect((await call('bot', 'GET', `${EVENTS}?${query}`)).body).toEqual([]);
  }
  expect((await call('stranger', 'GET', EVENTS)).status).toBe(404);
});
