import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDocuments, type Documents } from '../../../engine/documents/documents.ts';
import { readJournal } from '../../../engine/journal/journal.ts';
import { QUICK_PACE, temporaryDatabase } from '../../../engine/testing.ts';
import { CHANNEL, queuedRun, RELEASE, type ReleaseDocument, type RunState } from '../model.ts';
import { arrive, type Channel } from './move-head.ts';
import { type OperationContext, pin, promote, retry, rollBackTo, yank } from './operations.ts';

let stage: Awaited<ReturnType<typeof temporaryDatabase>>;
let documents: Documents;
let context: OperationContext;
beforeEach(async () => {
  stage = await temporaryDatabase();
  documents = createDocuments({ database: stage.database, pace: QUICK_PACE, now: () => 1000, wake: () => undefined });
  context = { documents, environments: () => ['development', 'production'], now: () => 1000 };
});
afterEach(() => stage.remove());

/** A release with one run for each environment named. */
async function stored(version: string, runs: [string, RunState][]): Promise<void> {
  const body: ReleaseDocument = {
    product: 'appliance',
    version,
    line: '5.4',
    environment: 'development',
    metadata: {},
    file: 'appliance.tgz',
    size: 1,
    md5: '',
    sha256: '',
    state: runs.at(-1)![1],
    credential: 'ci',
    receivedAt: 1,
    committedAt: 1,
    runs: runs.map(([environment, state], at) => ({
      ...queuedRun({ attempt: at + 1, environment, by: 'ci', queuedAt: 1 }),
      state,
    })),
    pinned: false,
    yanked: null,
  };
  await documents.submit({ changes: [{ kind: RELEASE, id: `appliance/${version}`, body }] });
}

async function offered(environment: string, ...versions: string[]): Promise<void> {
  let channel: Channel | null = null;
  for (const version of versions) {
    const change = { version, at: 1, by: 'ci', how: 'released' as const, why: null };
    channel = arrive(channel, change, (a, b) => (a < b ? -1 : 1)).channel;
  }
  await documents.submit({ changes: [{ kind: CHANNEL, id: `appliance/5.4/${environment}`, body: channel }] });
}

const operation = (version: string) => ({ product: 'appliance', version, by: 'anna', why: null });
const head = async (environment: string) =>
  (await documents.read<Channel>(CHANNEL, `appliance/5.4/${environment}`))?.body.head;
const dueKeys = async () => (await stage.database.query.selectFrom('work').select('key').execute()).map(row => row.key);

it('promotes what was released before, in a run of its own', async () => {
  await stored('5.4.1', [['development', 'released']]);
  const { run } = await promote({ ...operation('5.4.1'), environment: 'production' }, context);
  expect(run).toMatchObject({ attempt: 2, environment: 'production', how: 'promoted', by: 'anna', state: 'queued' });
  expect(await dueKeys()).toEqual(['lane:appliance', 'release:appliance/5.4.1']);
  expect((await readJournal(stage.database.query))[0]).toMatchObject({ kind: 'operator', key: 'lane:appliance' });
});

it('has nothing to do where it was promoted already', async () => {
  await stored('5.4.1', [
    ['development', 'released'],
    ['production', 'released'],
  ]);
  expect((await promote({ ...operation('5.4.1'), environment: 'production' }, context)).run).toBeNull();
  expect(await dueKeys()).toEqual([]);
});

it.each<[string, [string, RunState][], string, string]>([
  ['a release that failed before', [['development', 'failed']], 'production', 'SBX_RELEASE_NOT_READY'],
  ['an environment that there is not', [['development', 'released']], 'staging', 'SBX_RELEASE_ENVIRONMENT_UNKNOWN'],
  [
    'while a run is under way',
    [
      ['development', 'released'],
      ['development', 'running'],
    ],
    'production',
    'SBX_RELEASE_RUN_OPEN',
  ],
])('does not promote %s', async (_what, runs, environment, code) => {
  await stored('5.4.1', runs);
  await expect(promote({ ...operation('5.4.1'), environment }, context)).rejects.toMatchObject({ code });
});

it('knows no release that there is not', async () => {
  const asked = [
    promote({ ...operation('9.9.9'), environment: 'production' }, context),
    retry(operation('9.9.9'), context),
    yank({ ...operation('9.9.9'), why: 'x' }, context),
    pin({ ...operation('9.9.9'), pinned: true }, context),
  ];
  const answers = await Promise.allSettled(asked);
  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'SBX_RELEASE_NOT_FOUND' } });
  }
});

it('runs the script again for what failed, for the same purpose, and not for what succeeded', async () => {
  await stored('5.4.1', [
    ['development', 'released'],
    ['production', 'failed'],
  ]);
  expect((await retry(operation('5.4.1'), context)).run).toMatchObject({ attempt: 3, environment: 'production' });
  await stored('5.4.2', [['development', 'released']]);
  expect((await retry(operation('5.4.2'), context)).run).toBeNull();
});

it('rolls back only to what was there', async () => {
  await stored('5.4.1', [['development', 'released']]);
  const back = (environment: string) => rollBackTo({ ...operation('5.4.1'), environment }, context);
  await expect(back('production')).rejects.toMatchObject({ code: 'SBX_RELEASE_NOT_READY' });
  expect((await back('development')).run).toMatchObject({ how: 'rolled-back' });
});

it('withdraws a release from every channel, and does not begin what was waiting', async () => {
  await stored('5.4.1', [
    ['development', 'released'],
    ['production', 'released'],
  ]);
  await stored('5.4.2', [
    ['development', 'released'],
    ['production', 'queued'],
  ]);
  await offered('development', '5.4.1', '5.4.2');
  await offered('production', '5.4.1');
  const { release } = await yank({ ...operation('5.4.2'), why: 'loses data' }, context);
  expect(release).toMatchObject({ yanked: { by: 'anna', reason: 'loses data' }, state: 'interrupted' });
  expect([await head('development'), await head('production')]).toEqual(['5.4.1', '5.4.1']);
  // The one that is on offer again says so, too.
  expect(await dueKeys()).toEqual(['publish:appliance', 'release:appliance/5.4.1', 'release:appliance/5.4.2']);
  await expect(promote({ ...operation('5.4.2'), environment: 'production' }, context)).rejects.toMatchObject({
    code: 'SBX_RELEASE_YANKED',
  });
  expect((await yank({ ...operation('5.4.2'), why: 'again' }, context)).release.yanked?.reason).toBe('loses data');
});

it('offers nothing that was removed meanwhile', async () => {
  await stored('5.4.2', [['development', 'released']]);
  await offered('development', '5.4.1', '5.4.2');
  await yank({ ...operation('5.4.2'), why: 'x' }, context);
  expect(await head('development')).toBeNull();
});

it('pins and unpins', async () => {
  await stored('5.4.1', [['development', 'released']]);
  expect((await pin({ ...operation('5.4.1'), pinned: true }, context)).release.pinned).toBe(true);
  expect((await pin({ ...operation('5.4.1'), pinned: false }, context)).release.pinned).toBe(false);
});

it('withdraws a release also where its environment is not configured any more', async () => {
  await stored('5.4.1', [['retired', 'released']]);
  await stored('5.4.2', [['retired', 'released']]);
  await offered('retired', '5.4.1', '5.4.2');
  expect(context.environments('appliance')).not.toContain('retired');
  await yank({ ...operation('5.4.2'), why: 'loses data' }, context);
  expect(await head('retired')).toBe('5.4.1');
});
