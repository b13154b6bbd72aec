import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { clientOf } from './test-client.ts';

let sandbox: Sandbox;
let call: ReturnType<typeof clientOf>;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: { tags: 50_000, issues: 2000, merge_requests: 500 } });
  call = clientOf(sandbox);
});
afterAll(() => sandbox.close());

test('holds 50,000 tags, 2,000 issues and 500 merge requests', async () => {
  expect((await call('bot', 'GET', '/projects/1/issues')).headers.get('x-total')).toBe('2004');
  expect((await call('bot', 'GET', '/projects/1/merge_requests')).headers.get('x-total')).toBe('500');
  const last = await call('bot', 'GET', '/projects/2/repository/tags?per_page=100&page=501&order_by=name&sort=asc');
  expect(last.body.at(-1).name).toBe('v1.4.2');
  const one = await call('bot', 'GET', '/projects/1/merge_requests/500');
  expect(one.body).toMatchObject({ detailed_merge_status: 'mergeable', changes_count: '1' });
  const file = await call('bot', 'GET', `/projects/1/repository/files/bulk%2F500.txt/raw?ref=${one.body.sha}`);
  expect(file.body).toBe('500\n');
});

test('1,000 calls on kept connections', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const get = (path: string) =>
    new Promise<number>((resolve, reject) => {
      const outgoing = request(`${sandbox.gitlab.url}/api/v4${path}`, {
        agent,
        headers: { 'PRIVATE-TOKEN': 'glpat-sandbox-bot' },
      });
      outgoing.on('error', reject);
      outgoing.on('response', incoming => {
        incoming.resume();
        incoming.on('end', () => resolve(incoming.statusCode ?? 0));
      });
      outgoing.end();
    });
  const paths = Array.from({ length: 1000 }, (_, index) =>
    index % 2 === 0 ? `/projects/1/issues/${index + 1}` : `/projects/1/merge_requests/${(index % 500) + 1}`,
  );
  const started = performance.now();
  const statuses = await Promise.all(paths.map(get));
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  expect(new Set(statuses)).toEqual(new Set([200]));
  // The goal is one second, client included; twenty only tell a hang from a busy machine.
  expect(seconds).toBeLessThan(20);
});
