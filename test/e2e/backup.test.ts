import { execFile } from 'node:child_process';
import { appendFile, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { openSqlite } from '../../src/storage/sqlite/open-sqlite.ts';
import { builtProgram } from '../support/program.ts';
import { HOOK_SECRET, type Installation, install, type ServeProcess } from '../support/service-process.ts';

// Real processes, several in turn, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 });

const BIN = await builtProgram();
/** Nobody answers there: what this is about is our own disk. */
const NOBODY = 'http://127.0.0.1:9';
/** As whom the service would run: root, as operators restore, can give to anybody. */
const OWNER = process.getuid?.() === 0 ? 65_534 : (process.getuid?.() ?? 0);
let work: string;
let place: Installation;
let running: ServeProcess | undefined;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'signalbox-backups-'));
});
afterAll(() => rm(work, { recursive: true, force: true }));
beforeEach(async () => {
  place = await install(NOBODY);
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await place.remove();
});

async function signalbox(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const command = [BIN, ...args, '--config', place.configFile];
  const run = promisify(execFile)(process.execPath, command, { timeout: 60_000 });
  const done = await run.catch((error: { code: number; stdout: string; stderr: string }) => error);
  return { code: 'code' in done ? done.code : 0, out: done.stdout, err: done.stderr };
}

async function deliver(key: string): Promise<number> {
  const body = JSON.stringify({ object_kind: 'note', padding: key.repeat(200) });
  const headers = { 'x-gitlab-token': HOOK_SECRET, 'idempotency-key': key };
  return (await fetch(`${place.url}/hooks/gitlab`, { method: 'POST', body, headers })).status;
}

/** Every delivery of a data directory once a service has read what waits in its intake log. */
async function deliveriesOf(): Promise<Set<string>> {
  const service = await place.serve();
  const control = JSON.parse(await readFile(join(place.directory, 'data/control.json'), 'utf8')) as { token: string };
  const unread = async () => {
    const headers = { authorization: `Bearer ${control.token}` };
    const answer = await fetch(`${place.url}/metrics`, { headers });
    const text = await answer.text();
    return (
      /^signalbox_intake_unread_bytes (\S+)$/m.exec(text)?.[1] ??
      `${answer.status} ${text.slice(0, 500)} ${service.output()}`
    );
  };
  await expect.poll(unread, { timeout: 20_000 }).toBe('0');
  await service.stop();
  const database = await openSqlite(join(place.directory, 'data/signalbox.db'));
  const rows = await database.query.selectFrom('deliveries').select('dedupe_key').execute();
  await database.close();
  return new Set(rows.map(row => row.dedupe_key));
}

it('holds all that was acknowledged before it began, under load, and can be restored', {
  timeout: 120_000,
}, async () => {
  running = await place.serve();
  const acknowledged: string[] = [];
  let over = false;
  const senders = Array.from({ length: 4 }, async (_, sender) => {
    for (let n = 0; !over; n++) {
      const key = `${sender}-${n}`;
      if ((await deliver(key)) === 200) acknowledged.push(key);
    }
  });
  const taken: { target: string; before: string[] }[] = [];
  for (let n = 0; n < 2; n++) {
    await expect.poll(() => acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(100 * (n + 1));
    const target = join(work, `load-${n}`);
    const before = [...acknowledged];
    const done = await signalbox('backup', target, '--json');
    expect([done.code, done.err]).toEqual([0, '']);
    expect(JSON.parse(done.out)).toMatchObject({ directory: target, artifacts: false });
    taken.push({ target, before });
  }
  over = true;
  await Promise.all(senders);
  await running.stop();
  for (const { target, before } of taken) {
    await rm(join(place.directory, 'data'), { recursive: true });
    const done = await signalbox('restore', target);
    expect([done.code, done.err]).toEqual([0, '']);
    const found = await deliveriesOf();
    expect(before.filter(key => !found.has(key))).toEqual([]);
    const proof = await signalbox('journal', '--verify', '--json');
    expect(JSON.parse(proof.out)).toMatchObject({ ok: true });
  }
});

it('is taken of a service that was killed, with what its database has not read yet', async () => {
  running = await place.serve({ SIGNALBOX_CRASH_AT: 'intake:stored@2' });
  // The process ends when the first delivery is in its log, and in nothing else.
  await deliver('the-first').catch(() => 0);
  await running.ended;
  const target = join(work, 'killed');
  expect((await signalbox('backup', target)).code).toBe(0);
  await rm(join(place.directory, 'data'), { recursive: true });
  expect((await signalbox('restore', target)).code).toBe(0);
  expect(await deliveriesOf()).toEqual(new Set(['the-first']));
});

it('keeps its secrets to its owner, and is written as a whole or not at all', async () => {
  running = await place.serve();
  await deliver('one');
  const target = join(work, 'private');
  expect((await signalbox('backup', target)).code).toBe(0);
  expect((await stat(target)).mode & 0o777).toBe(0o700);
  for (const name of ['signalbox.db', 'backup.json', 'intake/id'])
    expect((await stat(join(target, name))).mode & 0o077).toBe(0);
  const again = await signalbox('backup', target);
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('SBX_BACKUP_NOT_WRITTEN')]);
  const nowhere = await signalbox('backup', '/dev/full/backup');
  expect([nowhere.code, nowhere.err]).toEqual([1, expect.stringContaining('SBX_BACKUP_NOT_WRITTEN')]);
  expect((await readdir(work)).filter(name => name.endsWith('.unfinished'))).toEqual([]);
});

it.each([
  ['in the data directory', ''],
  ['in a directory of their own', 'artifacts: { directory: artifacts }'],
])('takes released files %s along when asked to', async (_where, service) => {
  await place.remove();
  place = await install(NOBODY, undefined, { service });
  const home = join(place.directory, service === '' ? 'data' : 'artifacts');
  const release = join(home, 'releases/appliance/5.5.1');
  running = await place.serve();
  await mkdir(join(home, 'releases/.staging/x'), { recursive: true });
  await mkdir(release, { recursive: true });
  await writeFile(join(release, 'appliance-5.5.1.tgz'), 'bytes');
  await writeFile(join(home, 'releases/.staging/x/part'), 'half');
  const target = join(work, `artifacts-${service.length}`);
  expect((await signalbox('backup', target, '--artifacts')).code).toBe(0);
  expect(await readdir(join(target, 'releases'))).toEqual(['appliance']);
  await running.stop();
  await writeFile(join(release, 'appliance-5.5.1.tgz'), 'other bytes');
  for (const directory of new Set([home, join(place.directory, 'data')])) await chown(directory, OWNER, OWNER);
  const done = await signalbox('restore', target, '--force', '--json');
  for (const path of ['signalbox.db', 'intake', 'intake/id'])
    expect([path, (await stat(join(place.directory, 'data', path))).uid]).toEqual([path, OWNER]);
  for (const path of ['releases', 'releases/appliance/5.5.1/appliance-5.5.1.tgz'])
    expect([path, (await stat(join(home, path))).uid]).toEqual([path, OWNER]);
  const { aside, artifacts_aside } = JSON.parse(done.out) as Record<'aside' | 'artifacts_aside', string>;
  expect((await stat(artifacts_aside ?? aside)).uid).toBe(OWNER);
  expect(await readFile(join(release, 'appliance-5.5.1.tgz'), 'utf8')).toBe('bytes');
  const old = join(artifacts_aside ?? aside, 'releases/appliance/5.5.1/appliance-5.5.1.tgz');
  expect([dirname(dirname(old).replace(/\/releases.*/, '')), await readFile(old, 'utf8')]).toEqual([
    home,
    'other bytes',
  ]);
  expect(await readdir(home)).not.toContain('restore.unfinished');
});

it('is refused by a service that runs, and by data that is there, unless that is to be put aside', async () => {
  running = await place.serve();
  await deliver('before');
  const target = join(work, 'refused');
  expect((await signalbox('backup', target)).code).toBe(0);
  const beside = await signalbox('restore', target, '--force');
  expect([beside.code, beside.err]).toEqual([1, expect.stringContaining('SBX_DATA_DIRECTORY_IN_USE')]);
  await deliver('after');
  await running.stop();
  const careful = await signalbox('restore', target);
  expect([careful.code, careful.err]).toEqual([1, expect.stringContaining('SBX_RESTORE_WOULD_REPLACE')]);
  expect(await deliveriesOf()).toEqual(new Set(['before', 'after']));
  const done = await signalbox('restore', target, '--force', '--json');
  expect(done.code).toBe(0);
  const { aside } = JSON.parse(done.out) as { aside: string };
  expect((await readdir(aside)).toSorted()).toEqual(['intake', 'signalbox.db']);
  expect(await deliveriesOf()).toEqual(new Set(['before']));
});

it('is refused where it is not whole, and then nothing is changed', async () => {
  running = await place.serve();
  await deliver('one');
  await running.stop();
  const good = join(work, 'good');
  expect((await signalbox('backup', good)).code).toBe(0);
  const cases: [string, (target: string) => Promise<unknown>, string][] = [
    ['longer', target => appendFile(join(target, 'signalbox.db'), 'x'), 'SBX_BACKUP_INVALID'],
    ['without-id', target => rm(join(target, 'intake/id')), 'SBX_BACKUP_INVALID'],
    ['without-manifest', target => rm(join(target, 'backup.json')), 'SBX_BACKUP_INVALID'],
    ['no-json', target => writeFile(join(target, 'backup.json'), '{'), 'SBX_BACKUP_INVALID'],
    [
      'another-journal',
      async target => {
        const manifest = await readFile(join(target, 'backup.json'), 'utf8');
        await writeFile(join(target, 'backup.json'), manifest.replace(/"rows": \d+/, '"rows": 7777'));
      },
      'SBX_BACKUP_INVALID',
    ],
    [
      'out-of-it',
      async target => {
        const manifest = await readFile(join(target, 'backup.json'), 'utf8');
        await writeFile(join(target, 'backup.json'), manifest.replace('intake/id', '../../id'));
      },
      'SBX_BACKUP_INVALID',
    ],
  ];
  for (const [name, spoil, code] of cases) {
    const target = join(work, name);
    await cp(good, target, { recursive: true });
    await spoil(target);
    const refused = await signalbox('restore', target, '--force');
    expect([name, refused.code, refused.err]).toEqual([name, 1, expect.stringContaining(code)]);
  }
  expect((await readdir(join(place.directory, 'data'))).filter(name => /restore/.test(name))).toEqual([]);
  expect(await deliveriesOf()).toEqual(new Set(['one']));
});

it('finds a journal that somebody edited, before it keeps it', async () => {
  running = await place.serve();
  await deliver('one');
  await running.stop();
  running = undefined;
  await deliveriesOf();
  const database = await openSqlite(join(place.directory, 'data/signalbox.db'));
  await database.query.updateTable('journal').set({ data: '{"edited":true}' }).where('seq', '=', 1).execute();
  await database.close();
  const refused = await signalbox('backup', join(work, 'edited'));
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('row 1 was changed after it was written')]);
});

it('signs everybody out when it is restored', async () => {
  running = await place.serve();
  await running.stop();
  const file = join(place.directory, 'data/signalbox.db');
  const database = await openSqlite(file);
  const body = JSON.stringify({ name: 'x', role: 'operator', proof: 'p', expiresAt: 9e15, seenAt: 9e15 });
  const values = { kind: 'session', id: 'a'.repeat(64), body, revision: 1, changed_at: 1 };
  await database.query.insertInto('documents').values(values).execute();
  await database.close();
  const target = join(work, 'sessions');
  expect((await signalbox('backup', target)).code).toBe(0);
  expect((await signalbox('restore', target, '--force')).code).toBe(0);
  const restored = await openSqlite(file);
  expect(await restored.query.selectFrom('documents').select('kind').where('kind', '=', 'session').execute()).toEqual(
    [],
  );
  await restored.close();
});
