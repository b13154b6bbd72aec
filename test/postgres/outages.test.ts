import pg from 'pg';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { ask, readiness, replay } from '../faults/send.ts';
import { createDatabase, type PostgresDatabase } from '../support/postgres.ts';
import { eventually, person } from '../support/sandbox-client.ts';
import { HOOK_SECRET, type Installation, install, type ServeProcess } from '../support/service-process.ts';

vi.setConfig({ testTimeout: 120_000 });

const PROJECT = '/projects/acme%2Fappliance';

let sandbox: Awaited<ReturnType<typeof startSandbox>>;
let shared: PostgresDatabase;
let installation: Installation;
let service: ServeProcess;
let server: pg.Client;
beforeEach(async () => {
  sandbox = await startSandbox();
  shared = await createDatabase(process.env['SIGNALBOX_TEST_POSTGRES'] ?? '');
  installation = await install(sandbox.gitlab.url, undefined, { postgres: shared.url });
  service = await installation.serve();
  const hook = { url: `${installation.url}/hooks/gitlab`, token: HOOK_SECRET, merge_requests_events: true };
  expect((await person(sandbox.gitlab.url, 'admin').post(`${PROJECT}/hooks`, hook)).status).toBe(201);
  server = new pg.Client({ connectionString: process.env['SIGNALBOX_TEST_POSTGRES'] });
  await server.connect();
});
afterEach(async () => {
  await server.end();
  await service.stop();
  await installation.remove();
  await shared.drop();
  await sandbox.close();
});

const name = () => new URL(shared.url.replace('@/', '@host/')).pathname.slice(1);
const developer = () => person(sandbox.gitlab.url, 'developer');
const isReady = async () => (await readiness(installation)).status === 200;

async function openMismatch(branch: string): Promise<number> {
  await developer().post(`${PROJECT}/repository/branches`, { branch, ref: 'feature/backup-share' });
  const merge = { source_branch: branch, target_branch: 'release/5.3', title: branch };
  const created = await developer().post(`${PROJECT}/merge_requests`, merge);
  expect(created.status).toBe(201);
  return created.body.iid as number;
}

async function threadsOf(iid: number): Promise<number> {
  const { body } = await developer().get(`${PROJECT}/merge_requests/${iid}/discussions`);
  return (body as { notes: { resolvable?: boolean }[] }[]).filter(thread => thread.notes[0]?.resolvable).length;
}

it('goes on by itself, once with each thing, when all its connections are ended again and again', async () => {
  const opened: number[] = [];
  for (let round = 0; round < 5; round++) {
    opened.push(await openMismatch(`ended-${round}`));
    // Between two rounds it may hold none for a moment: that it came back is part of what is shown.
    const sql = `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1`;
    const ended = async () => ((await server.query(sql, [name()])).rowCount ?? 0) > 0;
    await eventually('it has connections again, and they are ended', ended);
  }
  for (const iid of opened) await eventually('it is held up', async () => (await threadsOf(iid)) > 0);
  for (const iid of opened) expect(await threadsOf(iid)).toBe(1);
  expect(await isReady()).toBe(true);
});

it('takes deliveries, and does nothing else, while the database may only be read, and goes on when it may be written', async () => {
  // What a standby says to each write, a database says that is set so; 25006.
  await server.query(`alter database ${name()} set default_transaction_read_only = on`);
  await server.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name()}'`);
  const refusal = { status: 503, retryAfter: '5', code: 'SBX_DATABASE_UNAVAILABLE' };
  const iid = await openMismatch('read-only');
  await eventually('it says that it is not well', async () => !(await isReady()));
  await eventually('it says why', async () => (await readiness(installation)).code === refusal.code);
  expect(await readiness(installation)).toEqual(refusal);
  expect(await replay(installation)).toEqual(refusal);
  const hook = { method: 'POST', headers: { 'X-Gitlab-Token': HOOK_SECRET }, body: '{"object_kind":"moon_landing"}' };
  expect((await ask(`${installation.url}/hooks/gitlab`, hook)).status).toBe(200);
  // One that starts meanwhile says what it found.
  const other = await install(sandbox.gitlab.url, undefined, { postgres: shared.url });
  try {
    const refused = await other.serve();
    expect(await refused.ended, refused.output()).toBe(1);
    expect(refused.output()).toMatch(/^SBX_DATABASE_UNAVAILABLE: (.*\n)+.*standby/m);
  } finally {
    await other.remove();
  }
  expect(await threadsOf(iid)).toBe(0);
  await server.query(`alter database ${name()} set default_transaction_read_only = off`);
  await server.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name()}'`);
  await eventually('it is held up', async () => (await threadsOf(iid)) > 0);
  await eventually('it is ready again', isReady);
  expect(await threadsOf(iid)).toBe(1);
});
