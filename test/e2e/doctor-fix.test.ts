import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Check } from '../../src/cli/doctor/check.ts';
import { examine } from '../../src/cli/doctor/examine.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { clientOf } from '../../src/sandbox/gitlab/test-client.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Service, startService } from '../../src/service/compose.ts';
import { freePort } from '../support/free-port.ts';

const PROJECT = '/projects/acme%2Fappliance';
const COLUMNS = ['To Do', 'Doing', 'In Review', 'To Test', 'Shipped'];
// Real processes, several in turn, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 });

let sandbox: Sandbox;
let call: ReturnType<typeof clientOf>;
let directory: string;
let file: string;
let url: string;
let service: Service | undefined;

async function begin(version: string, ops = 'glpat-sandbox-admin'): Promise<void> {
  sandbox = await startSandbox({ version });
  call = clientOf(sandbox);
  const files = {
    token: 'glpat-sandbox-bot',
    ops,
    hook: 'the-secret-of-the-hook',
    signing: `whsec_${randomBytes(32).toString('base64')}`,
    dash: randomBytes(33).toString('base64'),
  };
  for (const [name, value] of Object.entries(files)) await writeFile(join(directory, name), value, { mode: 0o600 });
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  await writeFile(
    file,
    `service: { listen: "127.0.0.1:${port}", public_url: "${url}", data_dir: data, dashboard: { token: { file: dash } } }
gitlab:
  url: ${sandbox.gitlab.url}
  token: { file: token }
  ops_token: { file: ops }
  webhook: { signing_tokens: [ { file: signing } ], secret_tokens: [ { file: hook } ] }
lines: [ { name: "5.5", branch: main }, { name: "5.4", branch: release/5.4 }, { name: "5.3", branch: release/5.3 } ]
version_check: { projects: { acme/appliance: { version: [ { file: VERSION } ] } } }
board: { projects: { acme/appliance: { columns: [${COLUMNS.join(', ')}], opened: In Review, merged: To Test, reopen: true } } }
`,
  );
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-fix-'));
  file = join(directory, 'signalbox.yaml');
});
afterEach(async () => {
  await service?.stop();
  service = undefined;
  await sandbox.close();
  await rm(directory, { recursive: true, force: true });
});

/** As a project is that nobody has set up yet. */
async function bare(): Promise<void> {
  await call('admin', 'PUT', PROJECT, { only_allow_merge_if_all_discussions_are_resolved: false });
  const boards = (await call('admin', 'GET', `${PROJECT}/boards`)).body as { id: number }[];
  for (const { id } of boards) await call('admin', 'DELETE', `${PROJECT}/boards/${id}`);
}

const faults = (checks: readonly Check[]) =>
  checks.filter(check => check.status !== 'OK').map(({ name, status, detail }) => `${status} ${name}: ${detail}`);
const listsOf = async () => {
  const [board] = (await call('admin', 'GET', `${PROJECT}/boards`)).body;
  return (board?.lists ?? []).map((list: { label: { name: string } }) => list.label.name) as string[];
};

describe.each(['16.11', '18.9', '19.1'])('on GitLab %s', version => {
  it('sets a bare project up, so that the first merge request is guarded', async () => {
    await begin(version);
    await bare();
    const before = await examine(file, { fix: false });
    expect(before.filter(check => check.fix).map(check => check.name)).toEqual([
      'acme/appliance threads',
      'acme/appliance board labels',
      'acme/appliance board lists',
      'acme/appliance webhook',
    ]);
    await examine(file, { fix: true });
    const { settings } = await loadConfig(file, { environment: {} });
    service = await startService({ settings, environment: {}, writeLog: () => undefined });
    expect(faults(await examine(file, { fix: false }))).toEqual([]);
    expect(await listsOf()).toEqual(COLUMNS);
    const [hook] = (await call('admin', 'GET', `${PROJECT}/hooks`)).body;
    expect(hook).toMatchObject({ url: `${url}/hooks/gitlab`, merge_requests_events: true, issues_events: true });
    if (version === '19.1') expect(hook).toMatchObject({ signing_token_present: true, token_present: false });

    const merge = { source_branch: 'feature/backup-share', target_branch: 'release/5.3', title: 'Share' };
    const { iid } = (await call('developer', 'POST', `${PROJECT}/merge_requests`, merge)).body;
    const status = async () =>
      (await call('developer', 'GET', `${PROJECT}/merge_requests/${iid}`)).body.detailed_merge_status;
    await expect.poll(status, { timeout: 20_000 }).toBe('discussions_not_resolved');
    const stored = await service.database.query.selectFrom('deliveries').select(['origin', 'state']).execute();
    expect(stored).toContainEqual({ origin: 'pushed', state: 'sorted' });
  });
});

it('asks about each thing by what it would change, and does only what it may', async () => {
  await begin('18.9');
  await bare();
  const asked: string[] = [];
  const after = await examine(file, {
    fix: async ({ does }) => {
      asked.push(does ?? '');
      return does?.startsWith('create the labels') ?? false;
    },
  });
  expect(asked).toEqual([
    'switch on "All threads must be resolved" in acme/appliance',
    'create the labels "Doing", "Shipped" in acme/appliance',
    'make a board of acme/appliance with a list for each column',
    `register a webhook of acme/appliance to ${url}/hooks/gitlab, for merge request events, push events, comments, issue events, confidential issue events`,
  ]);
  expect(after.find(check => check.name === 'acme/appliance board labels')).toMatchObject({ status: 'OK' });
  expect(await listsOf()).toEqual([]);
  expect((await call('admin', 'GET', `${PROJECT}/hooks`)).body).toEqual([]);
});

it('completes a board and a webhook that are there, and leaves the rest of them alone', async () => {
  await begin('18.9');
  const target = { url: `${url}/hooks/gitlab`, merge_requests_events: true, job_events: true, push_events: false };
  await call('admin', 'POST', `${PROJECT}/hooks`, target);
  await examine(file, { fix: true });
  const hooks = (await call('admin', 'GET', `${PROJECT}/hooks`)).body;
  expect(hooks).toMatchObject([{ job_events: true, push_events: true, note_events: true }]);
  // Columns first, in their order; the lists that are no columns behind them.
  expect(await listsOf()).toEqual([...COLUMNS, 'In Development', 'Testing']);
});

it('says which token lacks which role, and does what the other one may', async () => {
  await begin('18.9', 'glpat-sandbox-developer');
  await bare();
  const after = await examine(file, { fix: true });
  const found = (name: string) => after.find(check => check.name === `acme/appliance ${name}`);
  expect(found('ops role')).toMatchObject({ status: 'FAIL', remedy: expect.stringContaining('gitlab.ops_token') });
  expect(found('threads')).toMatchObject({ status: 'FAIL', remedy: expect.stringContaining('gitlab.ops_token') });
  expect(found('webhook')).toMatchObject({ status: 'WARN', detail: 'cannot be looked at' });
  // Labels and lists are within the bot's own role.
  expect(await listsOf()).toEqual(COLUMNS);
  expect((await call('admin', 'GET', PROJECT)).body.only_allow_merge_if_all_discussions_are_resolved).toBe(false);
  expect((await call('admin', 'GET', `${PROJECT}/hooks`)).body).toEqual([]);
});
