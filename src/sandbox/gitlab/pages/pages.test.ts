import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../start-sandbox.ts';
import { clientOf, startReceiver } from '../test-client.ts';
import { markdown } from './markdown.ts';

let sandbox: Sandbox;
let call: ReturnType<typeof clientOf>;

beforeAll(async () => {
  sandbox = await startSandbox();
  call = clientOf(sandbox);
});
beforeEach(() => call(null, 'POST', '/_sandbox/reset'));
afterAll(() => sandbox.close());

const view = async (path: string, user = 'maintainer') => {
  const response = await fetch(sandbox.gitlab.url + path, { headers: { cookie: `sandbox_user=${user}` } });
  return { status: response.status, text: await response.text() };
};
const click = async (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(sandbox.gitlab.url + path, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual', headers });

test('a card that is moved on the board changes the labels and tells the webhook', async () => {
  const receiver = await startReceiver();
  await call('admin', 'POST', '/projects/1/hooks', { url: receiver.url, issues_events: true });
  const moved = await click('/-/move', { project: '1', iid: '1', to: 'In Review', back: '/acme/appliance/-/boards' });
  expect([moved.status, moved.headers.get('location')]).toEqual([303, '/acme/appliance/-/boards']);
  expect((await call('bot', 'GET', '/projects/1/issues/1')).body.labels).toEqual(['In Review']);
  await sandbox.settled();
  expect(receiver.received[0]!.body).toMatchObject({ object_kind: 'issue', user: { username: 'maintainer' } });
  await receiver.close();
});

test('a merge that a thread holds back is refused with the reason, and works once it is resolved', async () => {
  await call('developer', 'POST', '/projects/1/merge_requests', {
    source_branch: 'feature/licence',
    target_branch: 'main',
    title: 'Licence',
  });
  await sandbox.settled();
  const thread = await call('bot', 'POST', '/projects/1/merge_requests/1/discussions', { body: 'Look **here**' });
  const page = await view('/acme/appliance/-/merge_requests/1');
  expect(page.text).toContain('Look <b>here</b>');
  expect(page.text).toContain('discussions_not_resolved');
  const back = '/acme/appliance/-/merge_requests/1';
  const refused = await click('/-/do', { route: 'PUT /projects/1/merge_requests/1/merge', back });
  expect(decodeURIComponent(refused.headers.get('location')!)).toContain('Refused (405)');
  await click('/-/do', {
    route: `PUT /projects/1/merge_requests/1/discussions/${thread.body.id}`,
    resolved: 'true',
    back,
  });
  const merged = await click('/-/do', { route: 'PUT /projects/1/merge_requests/1/merge', back });
  expect(merged.headers.get('location')).toBe(back);
  expect((await call('bot', 'GET', '/projects/1/merge_requests/1')).body.state).toBe('merged');
});

test('whatever people write is shown as text', async () => {
  const evil = `<script>alert(1)</script> "><img src=x onerror=alert(1)> [x](javascript:alert(1)) \`<b>\``;
  const made = await call('developer', 'POST', '/projects/1/issues', {
    title: evil.slice(0, 200),
    description: evil,
    labels: 'a"><i>',
  });
  await call('developer', 'POST', `/projects/1/issues/${made.body.iid}/notes`, { body: evil });
  for (const path of [
    `/acme/appliance/-/issues/${made.body.iid}`,
    '/acme/appliance/-/issues',
    '/acme/appliance/-/boards',
  ]) {
    const { status, text } = await view(path);
    const main = text.slice(text.indexOf('<main>'), text.indexOf('</main>'));
    expect(status).toBe(200);
    expect(main).toContain('&lt;script&gt;');
    expect(main).not.toMatch(/<script|<img|<i>|href="javascript/);
  }
  expect((await view(`/acme/appliance?alert=${encodeURIComponent('<script>')}`)).text).toContain(
    '&lt;script&gt;</div>',
  );
});

test('what a user may not see is not there; real addresses work', async () => {
  expect((await view('/acme/appliance/-/issues/4', 'guest')).status).toBe(404);
  expect((await view('/acme/appliance', 'stranger')).status).toBe(404);
  for (const path of [
    '/',
    '/acme/appliance',
    '/acme/appliance/-/boards',
    '/acme/appliance/-/issues/1',
    '/acme/appliance/-/work_items/1',
    '/acme/appliance/-/merge_requests',
  ]) {
    expect((await view(path)).status, path).toBe(200);
  }
});

test('forms of other sites are not taken, and nobody is sent elsewhere', async () => {
  const foreign = await click(
    '/-/do',
    { route: 'PUT /projects/1/issues/1', title: 'Hacked' },
    { origin: 'https://example.com' },
  );
  expect(foreign.status).toBe(403);
  const away = await click('/-/act-as', { user: 'guest', back: '//example.com' });
  expect(away.headers.get('location')).toBe('/');
});

test('Markdown: tables, code and lists are drawn, hidden markers are not', () => {
  const { markup } = markdown(
    '<!-- marker -->\n| a | b |\n|---|---|\n| `x\\|y` | **z** |\n\n- one\n- two\n\n```\n<b>\n```',
  );
  expect(markup).toBe(
    '<table><tr><th>a</th><th>b</th></tr><tr><td><code>x|y</code></td><td><b>z</b></td></tr></table>\n<ul><li>one</li><li>two</li></ul>\n<pre>&lt;b&gt;</pre>',
  );
});
