import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { clientOf } from '../../src/sandbox/gitlab/test-client.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { HOOK_SECRET, type Installation, install, type ServeProcess } from '../support/service-process.ts';

const TEMPLATE = (url: string, directory: string, gitlab: string) => `service:
  listen: "${url.slice('http://'.length)}"
  public_url: ${url}
  data_dir: ${directory}/data
  api_tokens: [ { name: ops, role: operator, token: { file: ${directory}/api } } ]
gitlab:
  url: ${gitlab}
  token: { file: ${directory}/token }
  webhook: { secret_tokens: [ { file: ${directory}/hook } ] }
lines: [ { name: "5.5", branch: main }, { name: "5.4", branch: release/5.4 }, { name: "5.3", branch: release/5.3 } ]
version_check: { projects: { acme/appliance: { version: [ { file: VERSION } ] } } }
`;

// Real processes, several in turn, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 });

let sandbox: Sandbox;
let call: ReturnType<typeof clientOf>;
let place: Installation;
let running: ServeProcess;
let text: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  call = clientOf(sandbox);
});
afterAll(() => sandbox.close());
beforeEach(async () => {
  await call('admin', 'POST', '/_sandbox/reset');
  place = await install(sandbox.gitlab.url);
  await writeFile(join(place.directory, 'api'), 'the-first-token');
  text = TEMPLATE(place.url, place.directory, sandbox.gitlab.url);
  await writeFile(place.configFile, text);
  running = await place.serve();
});
afterEach(async () => {
  await running.stop();
  await place.remove();
});

const lines = () =>
  running
    .output()
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Record<string, unknown>);
const TAKEN = 'the configuration was read again';
const REFUSED = 'the configuration was not read again; the earlier one stays in use';
const said = (message: string) => lines().filter(line => line['msg'] === message);

/** Writes the configuration, sends SIGHUP, and waits for the log to say what came of it. */
async function reload(config: string, message = TAKEN): Promise<Record<string, unknown>> {
  await writeFile(place.configFile, config);
  const before = said(message).length;
  running.child.kill('SIGHUP');
  await expect.poll(() => said(message).length, { timeout: 20_000 }).toBe(before + 1);
  return said(message).at(-1)!;
}

const ask = async (path: string, token: string) =>
  (await fetch(`${place.url}${path}`, { headers: { authorization: `Bearer ${token}` } })).status;
const deliver = (secret: string, key: string) =>
  fetch(`${place.url}/hooks/gitlab`, {
    method: 'POST',
    body: JSON.stringify({ object_kind: 'push', project: { path_with_namespace: 'acme/appliance' } }),
    headers: { 'x-gitlab-token': secret, 'idempotency-key': key },
  });

it('takes up new secrets, tokens and automations at once, in the same process', async () => {
  expect([await ask('/v1/work', 'the-first-token'), await ask('/v1/races', 'the-first-token')]).toEqual([200, 404]);
  await writeFile(join(place.directory, 'api'), 'the-second-token');
  await writeFile(join(place.directory, 'hook'), 'another-hook-secret');
  await writeFile(join(place.directory, 'box'), 'a-box');
  const { pid } = running.child;
  const races = `races: { project: acme/appliance, label: race condition, sources: [ { name: b, token: { file: ${place.directory}/box } } ] }\n`;
  expect(await reload(text + races)).toMatchObject({ need_restart: [] });
  expect(running.child.pid).toBe(pid);
  expect([await ask('/v1/work', 'the-first-token'), await ask('/v1/work', 'the-second-token')]).toEqual([401, 200]);
  expect(await ask('/v1/races', 'the-second-token')).toBe(200);
  expect((await deliver(HOOK_SECRET, 'old')).status).toBe(401);
  expect((await deliver('another-hook-secret', 'new')).status).toBe(200);
  await reload(text);
  expect(await ask('/v1/races', 'the-second-token')).toBe(404);
});

it('goes on with the earlier configuration when the new one is bad, and says where and why', async () => {
  const broken = text.replace('release/5.4 }', 'release/5.4, colour: red }').replace('data_dir', 'data_dri');
  const refused = await reload(broken, REFUSED);
  expect(refused).toMatchObject({ level: 'error', code: 'SBX_CONFIG_INVALID' });
  const faults = refused['faults'] as { at: string; message: string }[];
  expect(faults.map(({ at }) => at)).toEqual([`${place.configFile}:4:3`, `${place.configFile}:10:77`]);
  expect(faults[0]?.message).toContain('did you mean data_dir');
  expect(await ask('/v1/work', 'the-first-token')).toBe(200);

  const missing = text.replace(`${place.directory}/hook`, `${place.directory}/nowhere`);
  expect(await reload(missing, REFUSED)).toMatchObject({ code: 'SBX_SECRET_UNREADABLE' });
  expect(await reload('service: [', REFUSED)).toMatchObject({ code: 'SBX_CONFIG_INVALID' });
  expect(await reload('# half written\n', REFUSED)).toMatchObject({ code: 'SBX_CONFIG_INVALID' });
  const without = text.replace(/secret_tokens: \[.*\]/, 'secret_tokens: []');
  expect(await reload(without, REFUSED)).toMatchObject({ code: 'SBX_WEBHOOK_SECRET_MISSING' });
  expect((await deliver(HOOK_SECRET, 'still')).status).toBe(200);
  expect(await ask('/v1/work', 'the-first-token')).toBe(200);
});

it('names what waits for a restart, and takes the rest', async () => {
  await writeFile(join(place.directory, 'api'), 'the-second-token');
  const moved = text.replace('data_dir:', 'log_level: warn\n  data_dir:').replace('/data\n', '/other\n');
  await writeFile(place.configFile, moved);
  running.child.kill('SIGHUP');
  await expect.poll(() => ask('/v1/work', 'the-second-token'), { timeout: 20_000 }).toBe(200);
  await expect
    .poll(() => said('some settings take effect only with a restart'), { timeout: 20_000 })
    .toMatchObject([{ level: 'warn', settings: ['service.data_dir'] }]);
});

it('drops no delivery and no look, however often it is told to', { timeout: 60_000 }, async () => {
  await call('admin', 'POST', '/projects/1/hooks', {
    url: `${place.url}/hooks/gitlab`,
    token: HOOK_SECRET,
    merge_requests_events: true,
    push_events: false,
  });
  const merge = { source_branch: 'feature/backup-share', target_branch: 'release/5.3', title: 'Share' };
  let over = false;
  const storm = (async () => {
    for (let n = 0; !over; n++) {
      running.child.kill('SIGHUP');
      await expect.poll(() => said(TAKEN).length, { timeout: 20_000 }).toBeGreaterThan(n);
    }
  })();
  const statuses: number[] = [];
  for (let n = 0; n < 150; n++) statuses.push((await deliver(HOOK_SECRET, `storm-${n}`)).status);
  const { iid } = (await call('developer', 'POST', '/projects/1/merge_requests', merge)).body;
  const status = async () => (await call('developer', 'GET', `/projects/1/merge_requests/${iid}`)).body;
  await expect
    .poll(async () => (await status()).detailed_merge_status, { timeout: 30_000 })
    .toBe('discussions_not_resolved');
  over = true;
  await storm;
  expect(new Set(statuses)).toEqual(new Set([200]));
  const discussions = (await call('developer', 'GET', `/projects/1/merge_requests/${iid}/discussions`)).body;
  const ours = (discussions as { notes: { resolvable: boolean }[] }[]).filter(({ notes }) => notes[0]?.resolvable);
  expect(ours).toHaveLength(1);
  expect(said(TAKEN).length).toBeGreaterThan(3);
});

it('goes on with an upload and a run that are under way', { timeout: 60_000 }, async () => {
  const script = join(place.directory, 'release.sh');
  await writeFile(script, `#!/bin/sh\nwhile [ ! -e ${place.directory}/go ]; do sleep 0.05; done\necho ran\n`, {
    mode: 0o755,
  });
  const artifact = gzipSync('an artifact');
  await writeFile(join(place.directory, 'artifact'), artifact);
  await writeFile(join(place.directory, 'ci'), 'the-secret-of-the-build-server-0123456789');
  const releases = (environments: string) =>
    `${text}releases: { products: { appliance: { credentials: [ { name: ci, secret: { file: ${place.directory}/ci } } ], environments: [${environments}], script: ${script}, metadata: {} } } }\n`;
  await reload(releases('production'));
  const fields = {
    secret: 'the-secret-of-the-build-server-0123456789',
    version: '5.5.1',
    line: '5.5',
    environment: 'production',
    md5: createHash('md5').update(artifact).digest('hex'),
    file: `@${place.directory}/artifact`,
  };
  const form = Object.entries(fields).flatMap(([name, value]) => ['-F', `${name}=${value}`]);
  const curl = spawn('curl', ['-sS', ...form, `${place.url}/v1/releases/appliance`]);
  let answer = '';
  curl.stdout.on('data', (chunk: Buffer) => {
    answer += chunk.toString();
  });
  const ended = new Promise<number | null>(resolve => curl.once('close', resolve));
  const state = async () => {
    const headers = { authorization: 'Bearer the-first-token' };
    const release = await fetch(`${place.url}/v1/releases/appliance/5.5.1`, { headers });
    return ((await release.json()) as { state?: string }).state ?? null;
  };
  await expect.poll(async () => (await state()) ?? answer, { timeout: 20_000 }).toBe('running');
  await reload(releases('development, production'));
  expect(await state()).toBe('running');
  await writeFile(join(place.directory, 'go'), '');
  expect(await ended).toBe(0);
  expect(JSON.parse(answer)).toMatchObject({ state: 'released' });
  expect(await state()).toBe('released');
});

it('switches debug lines on and off with SIGUSR2', async () => {
  running.child.kill('SIGUSR2');
  await expect.poll(() => said('the log level was changed'), { timeout: 20_000 }).toMatchObject([{ level: 'debug' }]);
  running.child.kill('SIGUSR2');
  await expect
    .poll(() => said('the log level was changed').map(line => line['level']), { timeout: 20_000 })
    .toHaveLength(2);
  expect(await readFile(place.configFile, 'utf8')).toBe(text);
});
