import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ReleaseView } from '../../src/automations/release/view.ts';
import type { Database } from '../../src/storage/database.ts';
import { openPostgres } from '../../src/storage/postgres/open-postgres.ts';
import { type Balancer, balance } from '../support/balancer.ts';
import { createDatabase, type PostgresDatabase } from '../support/postgres.ts';
import { eventually } from '../support/sandbox-client.ts';
import { type Installation, install, type ServeProcess } from '../support/service-process.ts';

vi.setConfig({ testTimeout: 180_000 });

const SECRET = 'a-secret-of-the-build-server';
const PROCESSES = 3;

let shared: PostgresDatabase;
let database: Database;
let directory: string;
let installations: Installation[];
let processes: ServeProcess[];
let balancer: Balancer;

const sections = () => `releases:
  products:
    appliance:
      credentials: [ { name: ci, secret: { file: ${directory}/secret } } ]
      metadata: { version: required, line: required, environment: required }
      script: ${directory}/release.sh
`;
const installIn = (artifacts: string) =>
  install('', sections, { postgres: shared.url, service: `artifacts: { directory: ${artifacts} }` });

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-lanes-'));
  await writeFile(join(directory, 'secret'), SECRET, { mode: 0o600 });
  shared = await createDatabase(process.env['SIGNALBOX_TEST_POSTGRES'] ?? '');
  database = await openPostgres(shared.url);
  installations = [];
  for (let n = 0; n < PROCESSES; n++) installations.push(await installIn(join(directory, 'artifacts')));
  processes = await Promise.all(installations.map(each => each.serve()));
  balancer = await balance(installations.map(({ url }) => url));
});
afterEach(async () => {
  await Promise.all(processes.map(each => each.stop()));
  await balancer.close();
  await database.close();
  await shared.drop();
  for (const each of installations) await each.remove();
  await rm(directory, { recursive: true, force: true });
});

const lines = async (name: string) =>
  (await readFile(join(directory, name), 'utf8').catch(() => '')).split('\n').filter(line => line !== '');

/** Says so when another one runs; a killed one that nobody has buried yet does not. */
const SCRIPT = `
other=$(cat running 2>/dev/null)
if [ -n "$other" ] && grep -vq ' Z ' /proc/$other/stat 2>/dev/null; then echo "$other" >> overlaps; fi
echo $$ > running
echo "$RELEASE_VERSION" >> begun
echo "hello from $RELEASE_VERSION"
if [ "$RELEASE_VERSION" = 5.4.2 ] && [ ! -e go ]; then sleep 600; fi
sleep 0.2
echo "$RELEASE_VERSION" >> ended
rm running
`;

async function upload(version: string): Promise<number> {
  const artifact = gzipSync(`the bytes of ${version}`);
  const answer = await fetch(`${balancer.url}/v1/releases/appliance/${version}`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${SECRET}`,
      'x-release-line': '5.4',
      'x-release-environment': 'development',
      'x-checksum-sha256': createHash('sha256').update(artifact).digest('hex'),
    },
    body: artifact,
  });
  await answer.text();
  return answer.status;
}

async function ask(url: string, path: string): Promise<Response> {
  return await fetch(`${url}/v1/releases/appliance/${path}`, { headers: { authorization: `Bearer ${SECRET}` } });
}

it('runs one script at a time, whichever process takes the release, also when one of them is killed', async () => {
  await writeFile(join(directory, 'release.sh'), `#!/bin/sh\ncd ${directory}\n${SCRIPT}`);
  await chmod(join(directory, 'release.sh'), 0o755);
  const versions = ['5.4.1', '5.4.2', '5.4.3', '5.4.4', '5.4.5', '5.4.6'];
  for (const version of versions) expect(await upload(version)).toBe(202);
  await eventually('the second runs', async () => (await lines('begun')).includes('5.4.2'));

  const lane = await database.query.selectFrom('work').select('owner').where('key', '=', 'lane:appliance').execute();
  const ids = await Promise.all(
    installations.map(async each => (await readFile(join(each.directory, 'data', 'intake', 'id'), 'utf8')).trim()),
  );
  const holder = ids.findIndex(id => lane[0]!.owner!.startsWith(id));
  expect(holder).toBeGreaterThanOrEqual(0);
  const others = installations.filter((_each, n) => n !== holder);
  // The live log, from a process that does not run the script.
  const live = (await ask(others[0]!.url, '5.4.2/log?follow=true')).body!.getReader();
  expect(Buffer.from((await live.read()).value!).toString()).toBe('hello from 5.4.2\n');
  await live.cancel();

  processes[holder]!.child.kill('SIGKILL');
  await processes[holder]!.ended;
  await writeFile(join(directory, 'go'), '');
  const state = async (version: string) => ((await (await ask(balancer.url, version)).json()) as ReleaseView).state;
  for (const version of versions) {
    await eventually(`${version} is released`, async () => (await state(version)) === 'released');
  }
  expect(await lines('overlaps')).toEqual([]);
  // What was cut off is queued again, behind those that wait.
  const rest = versions.slice(2);
  expect(await lines('begun')).toEqual(['5.4.1', '5.4.2', ...rest, '5.4.2']);
  expect(await lines('ended')).toEqual(['5.4.1', ...rest, '5.4.2']);
  const { runs } = (await (await ask(others[1]!.url, '5.4.2')).json()) as ReleaseView;
  expect(runs.map(run => run.state)).toEqual(['interrupted', 'released']);
  const channel = await readFile(join(directory, 'artifacts/public/appliance/channels/5.4/development.json'), 'utf8');
  expect(JSON.parse(channel)).toMatchObject({ version: '5.4.6' });
});

it('refuses a process that would keep artifacts in another place', async () => {
  const stranger = await installIn(join(directory, 'elsewhere'));
  installations.push(stranger);
  const refused = await stranger.serve();
  expect(await refused.ended).toBe(1);
  expect(refused.output()).toContain('SBX_ARTIFACTS_ELSEWHERE');
});

it('lets a process end that cannot start, whatever it held already', async () => {
  const late = await installIn(join(directory, 'artifacts'));
  installations.push(late);
  const taken = createServer(socket => socket.destroy()).listen(Number(new URL(late.url).port), '127.0.0.1');
  try {
    const refused = await late.serve();
    expect(await refused.ended, refused.output()).toBe(1);
    expect(refused.output()).toContain('SBX_ADDRESS_IN_USE');
  } finally {
    taken.close();
  }
});
