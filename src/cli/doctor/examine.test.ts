import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { clientOf } from '../../sandbox/gitlab/test-client.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts';
import type { Check } from './check.ts';
import { examine } from './examine.ts';

const BIN = fileURLToPath(new URL('../../../bin/signalbox.js', import.meta.url));
const PROJECT = '/projects/acme%2Fappliance';
const SERVICE = 'http://127.0.0.1:8080';
const COLUMNS = 'columns: [To Do, In Development, In Review, To Test, Testing]';
const VERSION_CHECK = 'version_check: { projects: { acme/appliance: { version: [ { file: VERSION } ] } } }';
let sandbox: Sandbox;
let call: ReturnType<typeof clientOf>;
let directory: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  call = clientOf(sandbox);
  directory = await mkdtemp(join(tmpdir(), 'signalbox-doctor-'));
  for (const [name, value] of Object.entries({ token: 'glpat-sandbox-bot', ops: 'glpat-sandbox-admin', hook: 'x' })) {
    await writeFile(join(directory, name), value, { mode: 0o600 });
  }
});
afterAll(async () => {
  await sandbox.close();
  await rm(directory, { recursive: true });
});
beforeEach(async () => {
  await call('admin', 'POST', '/_sandbox/reset');
});

const board = (rules: string, path = 'acme/appliance') => `board: { projects: { ${path}: { ${rules} } } }`;

async function config(...sections: string[]): Promise<string> {
  const file = join(directory, 'signalbox.yaml');
  const lines = [
    `service: { data_dir: ${directory}/data }`,
    `gitlab: { url: "${sandbox.gitlab.url}", token: { file: token }, ops_token: { file: ops }, webhook: { secret_tokens: [ { file: hook } ] } }`,
    'lines: [ { name: "5.5", branch: main }, { name: "5.3", branch: release/5.3 } ]',
    ...sections,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

async function checks(...sections: string[]): Promise<(name: string) => Check | undefined> {
  const all = await examine(await config(...sections), { fix: false });
  return name => all.find(check => check.name === `acme/appliance ${name}`);
}

async function addHook(events: Record<string, boolean>): Promise<void> {
  const url = `${SERVICE}/hooks/gitlab`;
  const { status } = await call('admin', 'POST', `${PROJECT}/hooks`, { url, push_events: false, ...events });
  expect(status).toBe(201);
}

it('looks at a project of two automations once, for what both of them need', async () => {
  await addHook({ merge_requests_events: true, push_events: true, note_events: true });
  const both = await checks(VERSION_CHECK, board(COLUMNS));
  expect(both('webhook')).toMatchObject({ status: 'FAIL', detail: 'lacks issue events, confidential issue events' });
  expect(both('role')).toMatchObject({ status: 'OK' });
  expect(both('threads')).toMatchObject({ status: 'OK' });
  expect(both('board labels')).toMatchObject({ status: 'OK' });

  await call('admin', 'POST', '/_sandbox/reset');
  await addHook({ merge_requests_events: true, issues_events: true, confidential_issues_events: true });
  const one = await checks(board(COLUMNS));
  expect(one('webhook')).toMatchObject({
    status: 'OK',
    detail: 'sends merge request events, issue events, confidential issue events',
  });
  expect(one('threads')).toBeUndefined();
});

it('finds the hooks of groups and of the instance, and says what it cannot see', async () => {
  const url = `${SERVICE}/hooks/gitlab`;
  expect((await checks(board(COLUMNS)))('webhook')).toMatchObject({ status: 'FAIL', detail: `none sends to ${url}` });

  await writeFile(join(directory, 'ops'), 'glpat-sandbox-maintainer');
  expect((await checks(board(COLUMNS)))('webhook')).toMatchObject({
    status: 'WARN',
    detail: `the project has none that sends to ${url}; whether a system hook does cannot be seen`,
  });
  await writeFile(join(directory, 'ops'), 'glpat-sandbox-admin');

  await call('admin', 'POST', '/hooks', { url, merge_requests_events: true, push_events: true });
  expect((await checks(board(COLUMNS)))('webhook')).toMatchObject({
    status: 'WARN',
    detail: expect.stringContaining('does not send issue events, confidential issue events; '),
  });

  await call('admin', 'POST', '/_sandbox/seed', { tier: 'premium' });
  const events = { merge_requests_events: true, issues_events: true, confidential_issues_events: true };
  const made = await call('admin', 'POST', '/groups/acme/hooks', { url, push_events: false, ...events });
  expect(made.status).toBe(201);
  expect((await checks(board(COLUMNS)))('webhook')).toMatchObject({ status: 'OK' });
  expect((await checks(VERSION_CHECK, board(COLUMNS)))('webhook')).toMatchObject({
    status: 'FAIL',
    detail: 'lacks push events, comments',
  });
});

it('names a label that does not exist, and the one that was meant', async () => {
  const found = (await checks(board('columns: [To Do, in review, To Test, Ready], opened: in review')))('board labels');
  expect(found).toMatchObject({
    status: 'FAIL',
    detail: 'there is no label "in review" (but "In Review"); there is no label "Ready"',
    remedy: expect.stringContaining('doctor --fix'),
  });
});

it('accepts labels and boards of the groups above', async () => {
  await call('admin', 'POST', '/groups/acme/labels', { name: 'Shipped', color: '#112233' });
  const made = await call('admin', 'POST', '/groups/acme/boards', { name: 'Everything' });
  const labels = (await call('admin', 'GET', '/groups/acme/labels')).body as { id: number; name: string }[];
  const shipped = labels.find(label => label.name === 'Shipped');
  await call('admin', 'POST', `/groups/acme/boards/${made.body.id}/lists`, { label_id: shipped?.id });
  const found = await checks(board('columns: [To Test, Shipped], opened: To Test, merged: Shipped'));
  expect(found('board labels')).toMatchObject({ status: 'OK' });
  expect(found('board lists')).toMatchObject({ status: 'WARN', detail: expect.stringContaining('no list for') });
});

it.each([
  [COLUMNS, { status: 'OK', detail: 'the board "Development" shows the columns in their order' }],
  [
    'columns: [To Do, In Review, In Development, To Test]',
    { status: 'WARN', detail: expect.stringContaining('in another order: To Do, In Development, In Review, To Test') },
  ],
  [
    'columns: [To Do, In Review, To Test, freshdesk]',
    { status: 'WARN', detail: 'the board "Development" has no list for "freshdesk"' },
  ],
])('board lists, with %s', async (rules, expected) => {
  expect((await checks(board(rules)))('board lists')).toMatchObject(expected);
});

it('says that a project has no board', async () => {
  const boards = (await call('admin', 'GET', `${PROJECT}/boards`)).body as { id: number }[];
  for (const { id } of boards) await call('admin', 'DELETE', `${PROJECT}/boards/${id}`);
  expect((await checks(board(COLUMNS)))('board lists')).toMatchObject({
    status: 'WARN',
    detail: 'neither the project nor its groups have a board',
    remedy: expect.stringContaining('To Do, In Development, In Review, To Test, Testing'),
  });
});

it('explains how "Closes #1" defeats To Test', async () => {
  expect((await checks(board(COLUMNS)))('autoclose')).toMatchObject({
    status: 'WARN',
    detail: expect.stringContaining('merged into main closes the issue'),
    remedy: expect.stringContaining('reopen: true'),
  });
  expect((await checks(board(`${COLUMNS}, reopen: true`)))('autoclose')).toMatchObject({
    status: 'OK',
    detail: expect.stringContaining('opens it again in To Test'),
  });
  await call('admin', 'PUT', PROJECT, { autoclose_referenced_issues: false });
  expect((await checks(board(COLUMNS)))('autoclose')).toMatchObject({ status: 'OK' });
});

it.each(['free', 'premium'] as const)('notes what scoped labels do on the tier %s', async tier => {
  await call('admin', 'POST', '/_sandbox/seed', { tier });
  const scoped = 'columns: ["flow::In Review", "flow::To Test"], opened: "flow::In Review", merged: "flow::To Test"';
  expect((await checks(board(scoped)))('scoped labels')).toMatchObject({
    status: 'OK',
    detail: expect.stringContaining(tier === 'free' ? 'on paid tiers only' : 'on this tier'),
  });
  const mixed = 'columns: ["flow::In Review", To Test], opened: "flow::In Review"';
  expect((await checks(board(mixed)))('scoped labels')).toMatchObject({ status: 'WARN' });
  expect((await checks(board(COLUMNS)))('scoped labels')).toBeUndefined();
});

it('changes nothing, and creates missing labels only with --fix', async () => {
  const file = await config(board('columns: [To Do, In Review, To Test, Shipped]'));
  const doctor = async (...args: string[]) => {
    const command = [BIN, 'doctor', '--config', file, '--json', ...args];
    const { stdout } = await promisify(execFile)(process.execPath, command, { timeout: 25_000 }).catch(
      (error: { stdout: string; code: number }) => error,
    );
    const { checks: all } = JSON.parse(stdout) as { checks: Check[] };
    return all.find(check => check.name === 'acme/appliance board labels');
  };
  const writes = async () => {
    const log = (await call('admin', 'GET', '/_sandbox/requests')).body as { method: string; path: string }[];
    return log.filter(({ method, path }) => /POST|PUT|DELETE/.test(method) && path.startsWith('/api')).length;
  };
  expect(await doctor()).toMatchObject({ status: 'FAIL', remedy: expect.stringContaining('--fix') });
  expect(await writes()).toBe(0);
  // Nobody can be asked here.
  expect(await doctor('--fix')).toMatchObject({ status: 'FAIL' });
  expect(await writes()).toBe(0);
  expect(await doctor('--fix', '--yes')).toMatchObject({ status: 'OK', detail: 'created "Shipped"' });
  const after = await writes();
  expect(await doctor('--fix', '--yes')).toMatchObject({ status: 'OK', detail: '4 columns, a label for each' });
  expect(await writes()).toBe(after);
});
