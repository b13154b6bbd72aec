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
const release = (version: string, line: string, state: string, more: object = {}) => ({
  kind: RELEASE,
  id: `appliance/${version}`,
  body: {
    product: 'appliance',
    version,
    line,
    state,
    committedAt: Number(version.replaceAll('.', '')),
    runs: [],
    yanked: null,
    ...more,
  },
});

it('is nothing where all is well', async () => {
  await decide('webhook-care', 'webhooks:acme/appliance', 'the webhook works');
  await decide('token-care', 'token:gitlab', 'good');
  await decide('board', 'board:acme/appliance', '5 columns, a label for each');
  await documents.submit({ changes: [release('5.4.1', '5.4', 'released')] });
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

it('is a failed release only while it is the newest of its line', async () => {
  await documents.submit({
    changes: [
      release('5.3.1', '5.3', 'failed'),
      release('5.3.2', '5.3', 'released'),
      release('5.4.2', '5.4', 'timed_out'),
      release('5.5.1', '5.5', 'failed', { yanked: { at: 1, by: 'ada', reason: 'r' } }),
    ],
  });
  expect(await hands()).toEqual(['wrong release release:appliance/5.4.2']);
});
