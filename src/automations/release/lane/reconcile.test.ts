import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDocuments, type Documents } from '../../../engine/documents/documents.ts';
import { QUICK_PACE, temporaryDatabase } from '../../../engine/testing.ts';
import { lookAtKey } from '../../../engine/work/look-at-key.ts';
import { SignalboxError } from '../../../errors.ts';
import type { Channel } from '../channels/move-head.ts';
import { CHANNEL, queuedRun, RELEASE, type ReleaseDocument } from '../model.ts';
import { directoryLogs } from '../run/run-logs.ts';
import { releaseVariables, renderEnvFile } from '../variables.ts';
import type { LaneContext } from './perform.ts';
import { lane } from './reconcile.ts';
import { watchRuns } from './wait-for-run.ts';

let stage: Awaited<ReturnType<typeof temporaryDatabase>>;
let directory: string;
let documents: Documents;
let context: LaneContext;
let now: number;
let watch: ReturnType<typeof watchRuns>;

beforeEach(async () => {
  stage = await temporaryDatabase();
  directory = await mkdtemp(join(tmpdir(), 'signalbox-lane-'));
  now = 1_000_000;
  documents = createDocuments({ database: stage.database, pace: QUICK_PACE, now: () => now, wake: () => undefined });
  watch = watchRuns(documents);
  context = {
    documents,
    product: () => ({
      script: join(directory, 'release.sh'),
      timeout: 20_000,
      grace: 100,
      logLimit: 100_000,
      secrets: ['s3cret-value'],
      attempts: 3,
      onInterrupt: 'retry',
    }),
    fetch: async ({ version }) => join(directory, version),
    logs: directoryLogs(join(directory, 'runs')),
    runner: null,
    ended: watch.ended,
    stopping: new AbortController().signal,
    now: () => now,
  };
});
afterEach(async () => {
  await stage.remove();
  await rm(directory, { recursive: true, force: true });
});

async function script(text: string): Promise<void> {
  await writeFile(join(directory, 'release.sh'), `#!/bin/sh\n${text}\n`);
  await chmod(join(directory, 'release.sh'), 0o755);
}

async function upload(version: string, more: Partial<ReleaseDocument> = {}): Promise<void> {
  await mkdir(join(directory, version), { recursive: true });
  await writeFile(join(directory, version, 'appliance.tgz'), version);
  const body: ReleaseDocument = {
    product: 'appliance',
    version,
    line: '5.4',
    environment: 'development',
    metadata: { commit: 'abc' },
    file: 'appliance.tgz',
    size: version.length,
    md5: 'd'.repeat(32),
    sha256: 'a'.repeat(64),
    state: 'queued',
    credential: 'ci',
    receivedAt: now,
    committedAt: now,
    runs: [queuedRun({ attempt: 1, environment: 'development', by: 'ci', queuedAt: now })],
    pinned: false,
    yanked: null,
    ...more,
  };
  const paths = {
    artifact: join(directory, version, 'appliance.tgz'),
    envFile: join(directory, version, 'appliance.env'),
  };
  await writeFile(
    paths.envFile,
    renderEnvFile(releaseVariables(body, { environment: 'development', attempt: 1 }, paths)),
  );
  await documents.submit({ changes: [{ kind: RELEASE, id: `appliance/${version}`, body }] });
}

async function look(signal = new AbortController().signal) {
  return lookAtKey({
    database: stage.database,
    automation: lane(context) as Parameters<typeof lookAtKey>[0]['automation'],
    key: 'lane:appliance',
    reasons: ['test'],
    chain: null,
    dryRun: false,
    pace: QUICK_PACE,
    now: () => now,
    wait: async () => undefined,
    signal,
  });
}

const release = async (version: string) =>
  (await documents.read<ReleaseDocument>(RELEASE, `appliance/${version}`))!.body;
const head = async () => (await documents.read<Channel>(CHANNEL, 'appliance/5.4/development'))?.body.head ?? null;
const dueKeys = async () => {
  const rows = await stage.database.query.selectFrom('work').select(['key', 'due_at']).orderBy('key').execute();
  return rows.map(row => row.key);
};

it('runs the script with the env file, and only then moves the head', async () => {
  await script(
    '. "$2"; echo "$RELEASE_VERSION $RELEASE_ENVIRONMENT $RELEASE_META_COMMIT $RELEASE_ATTEMPT"; cat "$1"; echo s3cret-value',
  );
  await upload('5.4.1');
  const waiting = watch.wait('appliance', '5.4.1', 1);
  await look();
  expect(await waiting).toMatchObject({ state: 'released', exit: 0, attempt: 1 });
  expect(await release('5.4.1')).toMatchObject({ state: 'released' });
  expect(await head()).toBe('5.4.1');
  // The lane, too: what it has written down says that the run is under way.
  expect(await dueKeys()).toEqual(['lane:appliance', 'publish:appliance', 'release:appliance/5.4.1']);
  const log = await readFile(join(directory, 'runs', 'appliance', '5.4.1', '1.log'), 'utf8');
  expect(log).toBe('5.4.1 development abc 1\n5.4.1[hidden]\n');
});

it('takes a failed script for no release', async () => {
  await script('exit 3');
  await upload('5.4.1');
  await look();
  expect(await release('5.4.1')).toMatchObject({ state: 'failed', runs: [{ state: 'failed', exit: 3 }] });
  expect(await head()).toBeNull();
  expect(await dueKeys()).toEqual(['lane:appliance', 'release:appliance/5.4.1']);
  await stage.database.query.deleteFrom('work').execute();
  const { verdict, lookAgainAt } = (await look()).decision;
  expect([verdict, lookAgainAt]).toEqual(['nothing to run', undefined]);
  expect(await dueKeys()).toEqual([]);
});

it('takes a script that cannot be executed for a failed one, and says so in its log', async () => {
  await upload('5.4.1');
  await look();
  expect(await release('5.4.1')).toMatchObject({ state: 'failed', runs: [{ exit: 127 }] });
  const log = await readFile(join(directory, 'runs', 'appliance', '5.4.1', '1.log'), 'utf8');
  expect(log).toContain('not found');
});

it('tries again later when the script asks for it, and whoever waits gets the last word', async () => {
  await script('test -e "$PWD/ready" || exit 75');
  await upload('5.4.1');
  const waiting = watch.wait('appliance', '5.4.1', 1);
  const first = await look();
  expect(first.effects[0]?.ref).toMatchObject({ end: 'put_off' });
  expect(await release('5.4.1')).toMatchObject({ state: 'queued' });
  expect((await look()).decision).toMatchObject({ actions: [], lookAgainAt: now + 30_000 });
  await writeFile(join(directory, '5.4.1', 'ready'), '');
  now += 30_000;
  await look();
  expect(await waiting).toMatchObject({ state: 'released', attempt: 2 });
});

it('keeps an older release that comes late reachable, and offers the newer one', async () => {
  await script('exit 0');
  await upload('5.4.10');
  await look();
  now++;
  await upload('5.4.9');
  await look();
  expect(await release('5.4.9')).toMatchObject({
    state: 'released',
    runs: [{ head: { moved: false, because: 'the head 5.4.10 is not older' } }],
  });
  expect(await head()).toBe('5.4.10');
});

it('has the release looked at again that was on offer before: it says where it is', async () => {
  await script('exit 0');
  await upload('5.4.1');
  await look();
  await upload('5.4.2');
  await stage.database.query.deleteFrom('work').execute();
  await look();
  expect(await head()).toBe('5.4.2');
  expect(await dueKeys()).toEqual(expect.arrayContaining(['release:appliance/5.4.1', 'release:appliance/5.4.2']));
});

it('runs one after the other in the order in which they came', async () => {
  await script(`echo "$RELEASE_VERSION" >> ${join(directory, 'order')}`);
  for (const version of ['5.4.3', '5.4.1', '5.4.2']) {
    await upload(version);
    now++;
  }
  for (let again = true; again; again = (await dueKeys()).includes('lane:appliance')) {
    await stage.database.query.deleteFrom('work').execute();
    await look();
  }
  expect(await readFile(join(directory, 'order'), 'utf8')).toBe('5.4.3\n5.4.1\n5.4.2\n');
});

it('goes on with the next when a run was withdrawn at the last moment', async () => {
  await script('exit 0');
  await upload('5.4.1');
  context.fetch = async ({ version }) => {
    await documents.change<ReleaseDocument>(RELEASE, `appliance/${version}`, current => ({
      body: { ...current!, runs: current!.runs.map(run => ({ ...run, state: 'interrupted' as const })) },
    }));
    return join(directory, version);
  };
  expect((await look()).effects[0]?.ref).toEqual({ skipped: 'the run is not queued any more' });
  expect(await dueKeys()).toEqual(['lane:appliance']);
});

it('takes a run that was cut off by the end of the service for interrupted, and runs it again', async () => {
  await script(`echo run >> ${join(directory, 'count')}; test -e "${directory}/go" || sleep 600`);
  await upload('5.4.1');
  const stopping = new AbortController();
  const first = look(stopping.signal);
  while ((await readFile(join(directory, 'count'), 'utf8').catch(() => '')) === '') await new Promise(setImmediate);
  stopping.abort();
  await first;
  expect((await release('5.4.1')).runs.map(run => run.state)).toEqual(['interrupted', 'queued']);
  await writeFile(join(directory, 'go'), '');
  await look();
  expect((await release('5.4.1')).runs.map(run => run.state)).toEqual(['interrupted', 'released']);
  expect(await readFile(join(directory, 'count'), 'utf8')).toBe('run\nrun\n');
});

it('does not run a script again that had ended while nobody watched', async () => {
  await script('exit 9');
  const running = {
    ...queuedRun({ attempt: 1, environment: 'development', by: 'ci', queuedAt: now }),
    state: 'running' as const,
  };
  await upload('5.4.1', { state: 'running', runs: [{ ...running, runId: 'gone', log: 'appliance/5.4.1/1.log' }] });
  await mkdir(join(directory, 'runs', 'appliance', '5.4.1'), { recursive: true });
  await writeFile(join(directory, 'runs', 'appliance', '5.4.1', '1.exit'), '0\n');
  await look();
  expect(await release('5.4.1')).toMatchObject({ state: 'released', runs: [{ attempt: 1, exit: 0 }] });
  expect(await head()).toBe('5.4.1');
});

it('lets an owner that was replaced say nothing', async () => {
  await script(`touch ${join(directory, 'started')}; until [ -e ${join(directory, 'go')} ]; do sleep 0.02; done`);
  await upload('5.4.1');
  const late = look().catch((error: unknown) => error);
  while (!(await readFile(join(directory, 'started')).catch(() => null))) await new Promise(setImmediate);
  await documents.change<ReleaseDocument>(RELEASE, 'appliance/5.4.1', current => ({
    body: { ...current!, runs: current!.runs.map(run => ({ ...run, runId: 'somebody else' })) },
  }));
  await writeFile(join(directory, 'go'), '');
  expect(await late).toMatchObject({ code: 'SBX_RELEASE_RUN_SUPERSEDED' });
  expect(await head()).toBeNull();
});

/** Documents of a database that cannot be written; `failed` is told how often that was tried. */
function unwritable(failed: (times: number) => boolean): Documents {
  let times = 0;
  return {
    ...documents,
    submit: submission => {
      if (!failed(++times)) return documents.submit(submission);
      return Promise.reject(new SignalboxError('SBX_DATABASE_UNAVAILABLE', 'connection refused'));
    },
  };
}

it('writes down how a script ended when the database is back, and does not run it again', async () => {
  const ran = join(directory, 'ran');
  await script(`echo once >> ${ran}`);
  await upload('5.4.1');
  const lease = new AbortController();
  context.documents = unwritable(times => {
    if (times === 1) lease.abort(new SignalboxError('SBX_LEASE_LOST', 'lane:appliance'));
    return times < 3;
  });
  await look(lease.signal);
  expect(await release('5.4.1')).toMatchObject({ state: 'released', runs: [{ attempt: 1, exit: 0 }] });
  expect(await head()).toBe('5.4.1');
  expect(await readFile(ran, 'utf8')).toBe('once\n');
});

it('waits for the database no longer than the service runs', async () => {
  await script('exit 0');
  await upload('5.4.1');
  const [lease, stopping] = [new AbortController(), new AbortController()];
  context.stopping = stopping.signal;
  let tries = 0;
  context.documents = unwritable(times => {
    tries = times;
    if (times === 1) lease.abort(new SignalboxError('SBX_LEASE_LOST', 'lane:appliance'));
    if (times === 3) stopping.abort();
    return true;
  });
  await expect(look(lease.signal)).rejects.toMatchObject({ code: 'SBX_DATABASE_UNAVAILABLE' });
  expect(tries).toBe(3);
  // The next start finds what the script has left.
  context.documents = documents;
  await look();
  expect(await release('5.4.1')).toMatchObject({ state: 'released', runs: [{ attempt: 1, exit: 0 }] });
});
