import { afterEach, beforeEach, expect, it } from 'vitest';
import { RELEASE } from '../../automations/release/model.ts';
import type { Settings } from '../../config/schema.ts';
import { createDocuments, type Documents } from '../../engine/documents/documents.ts';
import { recordDecision } from '../../engine/records/record-decision.ts';
import { QUICK_PACE, type TemporaryDatabase, temporaryDatabase } from '../../engine/testing.ts';
import { listHands } from './needs-hand.ts';

const NOW = Date.UTC(2026, 10, 28);
let place: TemporaryDatabase;
let documents: Documents;
beforeEach(async () => {
  place = await temporaryDatabase();
  documents = createDocuments({ database: place.database, pace: QUICK_PACE, now: () => NOW, wake: () => undefined });
});
afterEach(() => place.remove());

const hands = async () =>
  (await listHands({ database: place.database, documents, settings: {} as Settings, now: () => NOW })).map(
    ({ urgency, what, key }) => `${urgency} ${what} ${key}`,
  );
const decide = (automation: string, key: string, verdict: string) =>
  recordDecision(
    place.database,
    { key, automation, facts: {}, decision: { verdict, because: [], actions: [] }, reasons: [], dryRun: false },
    NOW,
  );
const run = (queuedAt: number, state: string, environment = 'development', attempt = 1) => ({
  attempt,
  environment,
  state,
  how: 'released',
  by: 'ci',
  queuedAt,
  endedAt: NOW,
  exit: null,
});
const release = (version: string, line: string, runs: ReturnType<typeof run>[], more: object = {}) => ({
  kind: RELEASE,
  id: `appliance/${version}`,
  body: {
    product: 'appliance',
    version,
    line,
    state: runs.at(-1)?.state,
    committedAt: Number(version.replaceAll('.', '')),
    runs,
    yanked: null,
    ...more,
  },
});

it('is nothing where all is well', async () => {
  await decide('webhook-care', 'webhooks:acme/appliance', 'the webhook works');
  await decide('token-care', 'token:gitlab', 'good');
  await decide('board', 'board:acme/appliance', '5 columns, a label for each');
  await documents.submit({ changes: [release('5.4.1', '5.4', [run(1, 'released')])] });
  expect(await hands()).toEqual([]);
});

it('is what stands still first, then what will', async () => {
  await decide('token-care', 'token:gitlab', 'expires in 3 days');
  await decide('webhook-care', 'webhooks:acme/appliance', 'the webhook was switched off by GitLab');
  const work = { reasons: '[]', burst: 0, attempts: 0 };
  await place.database.query
    .insertInto('work')
    .values([
      { ...work, key: 'issue:acme/appliance#1', kind: 'issue', dead_at: NOW, error: '{"code":"SBX_X","detail":"d"}' },
      { ...work, key: 'resync:acme/appliance', kind: 'resync', due_at: NOW, attempts: 7 },
      { ...work, key: 'resync:acme/other', kind: 'resync', due_at: NOW, attempts: 1 },
    ])
    .execute();
  expect((await hands()).toSorted()).toEqual([
    'soon dead-letter resync:acme/appliance',
    'soon token token:gitlab',
    'wrong dead-letter issue:acme/appliance#1',
    'wrong webhook webhooks:acme/appliance',
  ]);
  const [first] = await hands();
  expect(first).toMatch(/^wrong/);
});

it('is the newest run of a line in an environment where that has failed, whatever else went well', async () => {
  await documents.submit({
    changes: [
      release('5.3.1', '5.3', [run(1, 'failed')]),
      release('5.3.2', '5.3', [run(2, 'released')]),
      release('5.4.1', '5.4', [run(1, 'released'), run(2, 'failed', 'production', 2)]),
      release('5.4.2', '5.4', [run(3, 'released')]),
      release('5.5.1', '5.5', [run(1, 'failed')], { yanked: { at: 1, by: 'ada', reason: 'r' } }),
      release('5.6.1', '5.6', [run(1, 'released'), run(5, 'timed_out', 'development', 2)]),
      release('5.6.2', '5.6', [run(3, 'released')]),
      release('5.7.1', '5.7', [run(1, 'failed'), run(2, 'queued', 'development', 2)]),
      release('5.8.1', '5.8', [run(1, 'interrupted')]),
      release('5.8.2', '5.8', [run(2, 'running')]),
      release('5.9.1', '5.9', [run(1, 'released')], { state: 'rejected' }),
    ],
  });
  const found = await listHands({ database: place.database, documents, settings: {} as Settings, now: () => NOW });
  expect(found.map(({ title }) => title).toSorted()).toEqual([
    'appliance 5.4.1 failed in production',
    'appliance 5.6.1 timed out in development',
    'appliance 5.8.1 interrupted in development',
    'appliance 5.9.1 rejected in development',
  ]);
});
