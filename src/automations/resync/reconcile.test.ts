import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Automation } from '../../engine/automation.ts';
import { Engine } from '../../engine/engine.ts';
import { explainKey } from '../../engine/explain.ts';
import { QUICK_PACE, temporaryDatabase } from '../../engine/testing.ts';
import { createGitLab } from '../../gitlab/client/create-gitlab.ts';
import { clientOf } from '../../sandbox/gitlab/test-client.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts';
import { resync } from './reconcile.ts';

const KEY = 'resync:acme/appliance';
const HOUR = 60 * 60_000;
let sandbox: Sandbox;
let place: Awaited<ReturnType<typeof temporaryDatabase>>;
let gitlab: ReturnType<typeof createGitLab>;
let engine: Engine;
let ahead = 0;
let looks: string[] = [];

/** Stands where the version check would: it only says which keys it was asked to look at. */
const recorder = (kind: string): Automation => ({
  name: 'recorder',
  kind,
  gather: async look => {
    looks.push(`${look.subject} because of ${look.reasons.join(', ')}`);
    return {};
  },
  decide: () => ({ verdict: 'seen', because: [], actions: [] }),
  effect: () => {
    throw new Error('nothing is planned');
  },
});

beforeEach(async () => {
  ahead = 0;
  looks = [];
  sandbox = await startSandbox();
  place = await temporaryDatabase();
  gitlab = createGitLab({ url: sandbox.gitlab.url, token: 'glpat-sandbox-bot' });
  engine = new Engine({
    database: place.database,
    intake: place.intake,
    automations: [
      resync({
        gitlab,
        keysOf: (project, iid) => [`merge-request:${project}!${iid}`],
        issueKeysOf: project => iid => [`issue:${project}#${iid}`],
      }),
      recorder('merge-request'),
      recorder('issue'),
    ],
    nameKeys: () => [],
    standing: [{ key: KEY, reason: 'the service has started' }],
    pace: QUICK_PACE,
    dryRun: false,
    concurrency: 2,
    now: () => Date.now() + ahead,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
});
afterEach(async () => {
  await engine.stop(1000);
  await gitlab.close();
  await sandbox.close();
  await place.remove();
});

const facts = async () => (await explainKey(place.database.query, KEY))?.facts;
const BY_RESYNC = (...iids: number[]) => iids.map(iid => `acme/appliance!${iid} because of resync`);

it('finds without any webhook what is open, then what has changed, and all that is open once a day', async () => {
  const call = clientOf(sandbox);
  for (const source_branch of ['feature/backup-share', 'feature/licence']) {
    const body = { source_branch, target_branch: 'main', title: source_branch };
    expect((await call('developer', 'POST', '/projects/1/merge_requests', body)).status).toBe(201);
  }
  await call('developer', 'PUT', '/projects/1/merge_requests/2', { state_event: 'close' });
  await sandbox.settled();

  await engine.start();
  await expect.poll(facts, { timeout: 10_000 }).toMatchObject({ full: true, iids: [1] });
  await expect.poll(() => looks, { timeout: 10_000 }).toEqual(BY_RESYNC(1));

  await engine.replay(KEY, 'a test');
  await expect.poll(facts, { timeout: 10_000 }).toMatchObject({ full: false });
  expect((await facts()) as { iids: number[] }).toMatchObject({ iids: expect.arrayContaining([1, 2]) });
  await expect
    .poll(
      () =>
        looks
          .slice(1)
          .filter(each => each.includes('!'))
          .sort(),
      { timeout: 10_000 },
    )
    .toEqual(BY_RESYNC(1, 2));

  ahead = 25 * HOUR;
  await engine.replay(KEY, 'a test');
  await expect.poll(facts, { timeout: 10_000 }).toMatchObject({ full: true, iids: [1] });
});

it('finds the issues that changed since the last look, closed ones too, and none at the first', async () => {
  const call = clientOf(sandbox);
  await engine.start();
  await expect.poll(facts, { timeout: 10_000 }).toMatchObject({ full: true, issues: [] });
  expect(looks).toEqual([]);
  await call('developer', 'PUT', '/projects/1/issues/3', { state_event: 'close' });
  await engine.replay(KEY, 'a test');
  // What was seeded lies within the overlap too.
  const all = [1, 2, 3, 4].map(iid => `acme/appliance#${iid} because of resync`);
  await expect.poll(() => looks.toSorted(), { timeout: 10_000 }).toEqual(all);
});
