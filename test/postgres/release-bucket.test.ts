import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ReleaseView } from '../../src/automations/release/view.ts';
import type { Database } from '../../src/storage/database.ts';
import { openPostgres } from '../../src/storage/postgres/open-postgres.ts';
import { type S3Server, startS3 } from '../s3/start-s3.ts';
import { createDatabase, type PostgresDatabase } from '../support/postgres.ts';
import { eventually } from '../support/sandbox-client.ts';
import { type Installation, install, type ServeProcess } from '../support/service-process.ts';

vi.setConfig({ testTimeout: 180_000 });

const SECRET = 'a-secret-of-the-build-server';

let s3: S3Server;
let shared: PostgresDatabase;
let database: Database;
let directory: string;
let installations: Installation[];
let processes: ServeProcess[];

const sections = () => `releases:
  products:
    appliance:
      credentials: [ { name: ci, secret: { file: ${directory}/secret } } ]
      metadata: { version: required, line: required, environment: required }
      script: ${directory}/release.sh
      grace: 1s
`;

/** Says so when another one runs, and where its artifact was. */
const SCRIPT = `
other=$(cat running 2>/dev/null)
if [ -n "$other" ] && grep -vq ' Z ' /proc/$other/stat 2>/dev/null; then echo "$other" >> overlaps; fi
echo $$ > running
echo "$RELEASE_VERSION \${1%/releases/*} $(zcat "$1")" >> begun
echo "hello from $RELEASE_VERSION"
if [ "$RELEASE_VERSION" = 5.4.2 ]; then until [ -e go ]; do sleep 0.1; done; fi
sleep 0.2
rm running
`;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-bucket-'));
  s3 = await startS3();
  await writeFile(join(directory, 'secret'), SECRET, { mode: 0o600 });
  await writeFile(join(directory, 'access'), s3.keys.accessKey, { mode: 0o600 });
  await writeFile(join(directory, 's3-secret'), s3.keys.secretKey, { mode: 0o600 });
  await writeFile(join(directory, 'release.sh'), `#!/bin/sh\ncd ${directory}\n${SCRIPT}`);
  await chmod(join(directory, 'release.sh'), 0o755);
  shared = await createDatabase(process.env['SIGNALBOX_TEST_POSTGRES'] ?? '');
  database = await openPostgres(shared.url);
  const keys = `access_key: { file: ${directory}/access }, secret_key: { file: ${directory}/s3-secret }`;
  const service = `artifacts: { s3: { endpoint: "${s3.endpoint}", bucket: ${s3.bucket}, prefix: signalbox, ${keys} } }`;
  installations = [];
  for (let n = 0; n < 2; n++) installations.push(await install('', sections, { postgres: shared.url, service }));
  processes = await Promise.all(installations.map(each => each.serve()));
});
afterEach(async () => {
  await Promise.all(processes.map(each => each.stop()));
  await database.close();
  await shared.drop();
  for (const each of installations) await each.remove();
  await s3.close();
  await rm(directory, { recursive: true, force: true });
});

const lines = async (name: string) =>
  (await readFile(join(directory, name), 'utf8').catch(() => '')).split('\n').filter(line => line !== '');

const bytesOf = (version: string) => gzipSync(`the bytes of ${version}`);

async function upload(to: Installation, version: string, artifact = bytesOf(version)): Promise<number> {
  const answer = await fetch(`${to.url}/v1/releases/appliance/${version}`, {
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

const ask = (to: Installation, path: string) =>
  fetch(`${to.url}/v1/releases/appliance/${path}`, { headers: { authorization: `Bearer ${SECRET}` } });

it('lets processes that share nothing but database and bucket take releases, run scripts and show logs for each other', async () => {
  const [first, second] = installations as [Installation, Installation];
  const versions = ['5.4.1', '5.4.2', '5.4.3', '5.4.4'];
  for (const [n, version] of versions.entries()) expect(await upload(n % 2 ? first : second, version)).toBe(202);
  await eventually('the second runs', async () => (await lines('begun')).some(line => line.startsWith('5.4.2')));

  const lane = await database.query.selectFrom('work').select('owner').where('key', '=', 'lane:appliance').execute();
  const ids = await Promise.all(
    installations.map(async each => (await readFile(join(each.directory, 'data', 'intake', 'id'), 'utf8')).trim()),
  );
  const holder = ids.findIndex(id => lane[0]!.owner!.startsWith(id));
  const survivor = installations[1 - holder]!;
  // The live log, from the machine that does not run the script.
  const live = (await ask(survivor, '5.4.2/log?follow=true')).body!.getReader();
  expect(Buffer.from((await live.read()).value!).toString()).toBe('hello from 5.4.2\n');
  await live.cancel();

  const [script] = await lines('running');
  processes[holder]!.child.kill('SIGKILL');
  await processes[holder]!.ended;
  // Its own machine ends the script, before anybody takes over.
  await eventually('the script is gone', async () => (await readdir('/proc')).includes(script!) === false);
  expect((await ((await ask(survivor, '5.4.2')).json() as Promise<ReleaseView>)).state).toBe('running');
  await writeFile(join(directory, 'go'), '');
  for (const version of versions) {
    const released = async () => ((await (await ask(survivor, version)).json()) as ReleaseView).state === 'released';
    await eventually(`${version} is released`, released, 60_000);
  }
  expect(await lines('overlaps')).toEqual([]);
  const begun = (await lines('begun')).map(line => line.split(' '));
  expect(begun.map(([version]) => version)).toEqual(['5.4.1', '5.4.2', '5.4.3', '5.4.4', '5.4.2']);
  for (const [version, , ...bytes] of begun) expect(bytes.join(' ')).toBe(`the bytes of ${version}`);
  const data = (installation: Installation) => join(installation.directory, 'data');
  const [, cutOff, ...rest] = begun.map(([, where]) => where);
  expect(cutOff).toBe(data(installations[holder]!));
  expect(rest).toEqual(Array(3).fill(data(survivor)));
  // What both have written can be read from the one that is left.
  for (const version of versions)
    expect(await (await ask(survivor, `${version}/log`)).text()).toBe(`hello from ${version}\n`);
  expect(await (await ask(survivor, '5.4.2/log?attempt=1')).text()).toBe('hello from 5.4.2\n');

  const published = () => s3.objects.all.get('signalbox/public/appliance/channels/5.4/development.json');
  await eventually(
    'the channel is published',
    async () => JSON.parse(published()?.bytes.toString() ?? '{}').version === '5.4.4',
  );
  expect(await upload(survivor, '5.4.1')).toBe(200);
  expect(await upload(survivor, '5.4.1', gzipSync('others'))).toBe(409);
  const artifacts = [...s3.objects.all.keys()].filter(key => key.endsWith('.tgz'));
  expect(artifacts.map(key => basename(key)).toSorted()).toEqual(versions.map(version => `appliance-${version}.tgz`));
  for (const { output } of processes) {
    expect(output()).not.toContain(s3.keys.secretKey);
    expect(output()).not.toContain(s3.keys.accessKey);
  }
});

it('does not run a script again that has ended while the database could not be written, for longer than a lease', async () => {
  const [first, second] = installations as [Installation, Installation];
  expect(await upload(first, '5.4.2')).toBe(202);
  await eventually('it runs', async () => (await lines('begun')).length > 0);
  const name = new URL(shared.url.replace('@/', '@host/')).pathname.slice(1);
  const server = new pg.Client({ connectionString: process.env['SIGNALBOX_TEST_POSTGRES'] });
  await server.connect();
  const reconnect = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`;
  try {
    await server.query(`alter database ${name} set default_transaction_read_only = on`);
    await server.query(reconnect);
    await writeFile(join(directory, 'go'), '');
    const until = database.query.selectFrom('work').select('lease_until').where('key', '=', 'lane:appliance');
    const isOver = async () => Number((await until.executeTakeFirstOrThrow()).lease_until) < Date.now();
    await eventually('the lease is over', () => isOver().catch(() => false), 60_000);
  } finally {
    await server.query(`alter database ${name} set default_transaction_read_only = off`);
    await server.query(reconnect);
    await server.end();
  }
  const state = async () => ((await (await ask(second, '5.4.2')).json()) as ReleaseView).state;
  await eventually('it is released', async () => (await state()) === 'released', 60_000);
  expect(await lines('begun')).toHaveLength(1);
});
