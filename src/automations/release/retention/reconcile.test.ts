import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Look } from '../../../engine/automation.ts';
import { createDocuments, type Documents } from '../../../engine/documents/documents.ts';
import { QUICK_PACE, temporaryDatabase } from '../../../engine/testing.ts';
import { CHANNEL, IDEMPOTENCY, queuedRun, RELEASE, USED_TOKEN } from '../model.ts';
import { directoryLogs } from '../run/run-logs.ts';
import { directoryStore } from '../store/directory-store.ts';
import { releasePlaces } from '../store/release-files.ts';
import { retention } from './reconcile.ts';

let stage: Awaited<ReturnType<typeof temporaryDatabase>>;
let documents: Documents;
let directory: string;
beforeEach(async () => {
  stage = await temporaryDatabase();
  directory = await mkdtemp(join(tmpdir(), 'signalbox-retention-'));
  documents = createDocuments({ database: stage.database, pace: QUICK_PACE, now: () => 1000, wake: () => undefined });
});
afterEach(async () => {
  await stage.remove();
  await rm(directory, { recursive: true, force: true });
});

const NOW = 1000 * 86_400_000;
const at = (...parts: string[]) => join(directory, ...parts);

async function released(...versions: string[]): Promise<void> {
  for (const version of versions) {
    await mkdir(at('releases', 'appliance', version), { recursive: true });
    await writeFile(at('releases', 'appliance', version, 'appliance.tgz'), version);
    await mkdir(at('runs', 'appliance', version), { recursive: true });
    const run = { ...queuedRun({ attempt: 1, environment: 'development', by: 'ci', queuedAt: 1 }), state: 'released' };
    const body = { product: 'appliance', version, line: '5.4', committedAt: 1, pinned: false, runs: [run] };
    await documents.submit({ changes: [{ kind: RELEASE, id: `appliance/${version}`, body }] });
  }
  const arrivals = versions.map(version => ({ version, at: 1 }));
  const history = versions.map(version => ({ version, at: 1, by: 'ci', how: 'released', why: null }));
  const body = { head: versions.at(-1), arrivals, history };
  await documents.submit({ changes: [{ kind: CHANNEL, id: 'appliance/5.4/development', body }] });
}

async function look(keep: number): Promise<string[]> {
  const automation = retention({
    documents,
    rules: () => ({ releases: keep, age: null }),
    store: directoryStore(releasePlaces(at('releases'))),
    logs: directoryLogs(at('runs')),
    now: () => NOW,
  });
  const looked = { key: 'retention:appliance', subject: 'appliance', reasons: [], memory: null } as unknown as Look;
  const facts = await automation.gather(looked);
  const { actions } = automation.decide(facts, null, NOW);
  for (const action of actions) await automation.effect(action, facts, looked).do();
  return actions.map(action => (action.type === 'remove' ? action.version : action.type));
}

it('removes directory, record and logs, and tells the published files and whoever asks why', async () => {
  await released('5.4.1', '5.4.2', '5.4.3', '5.4.4');
  expect(await look(2)).toEqual(['5.4.1', '5.4.2']);
  expect(await readdir(at('releases', 'appliance'))).toEqual(['5.4.3', '5.4.4']);
  expect(await readdir(at('runs', 'appliance'))).toEqual(['5.4.3', '5.4.4']);
  expect((await documents.list(RELEASE)).map(({ id }) => id)).toEqual(['appliance/5.4.3', 'appliance/5.4.4']);
  const due = await stage.database.query.selectFrom('work').select('key').orderBy('key').execute();
  const removed = ['release:appliance/5.4.1', 'release:appliance/5.4.2'];
  expect(due.map(({ key }) => key)).toEqual(['publish:appliance', ...removed]);
  expect(await look(2)).toEqual([]);
});

it('ends what was begun when the process was killed between the directory and the record', async () => {
  await released('5.4.1', '5.4.2', '5.4.3');
  await mkdir(at('releases', '.removed', 'left'), { recursive: true });
  await rm(at('releases', 'appliance', '5.4.1'), { recursive: true });
  expect(await look(2)).toEqual(['5.4.1']);
  expect(await readdir(at('releases', 'appliance'))).toEqual(['5.4.2', '5.4.3']);
});

it('forgets keys of requests after a week and tokens after their end, of its own product only', async () => {
  const HOUR = 3_600_000;
  const key = (id: string, age: number) => ({ kind: IDEMPOTENCY, id, body: { at: NOW - age } });
  const token = (id: string, product: string, ago: number) => ({
    kind: USED_TOKEN,
    id,
    body: { product, expiresAt: NOW - ago },
  });
  const old = Array.from({ length: 450 }, (_, at) => key(`appliance/ci/old-${at}`, 169 * HOUR));
  await documents.submit({
    changes: [
      ...old,
      key('appliance/ci/young', 167 * HOUR),
      key('appliance-two/ci/old', 400 * HOUR),
      token('ended', 'appliance', 2 * HOUR),
      token('just-ended', 'appliance', 0.5 * HOUR),
      token('of-another', 'appliance-two', 2 * HOUR),
    ],
  });
  expect(await look(2)).toEqual(['forget']);
  expect((await documents.list(IDEMPOTENCY)).map(({ id }) => id)).toEqual([
    'appliance-two/ci/old',
    'appliance/ci/young',
  ]);
  expect((await documents.list(USED_TOKEN)).map(({ id }) => id)).toEqual(['just-ended', 'of-another']);
  expect(await look(2)).toEqual([]);
});
