import { afterEach, beforeEach, expect, it } from 'vitest';
import { RELEASE } from '../../automations/release/model.ts';
import { createDocuments, type Documents } from '../../engine/documents/documents.ts';
import { FactsIndex } from '../../engine/records/facts-index.ts';
import { createRecords } from '../../engine/records/list-records.ts';
import { recordDecision } from '../../engine/records/record-decision.ts';
import { QUICK_PACE, type TemporaryDatabase, temporaryDatabase } from '../../engine/testing.ts';
import { mergeIn, releaseFigures } from './release-figures.ts';

const HOUR = 3_600_000;
/** A Saturday. */
const NOW = Date.UTC(2026, 10, 28);
let place: TemporaryDatabase;
let documents: Documents;
beforeEach(async () => {
  place = await temporaryDatabase();
  documents = createDocuments({ database: place.database, pace: QUICK_PACE, now: () => NOW, wake: () => undefined });
});
afterEach(() => place.remove());

const release = (version: string, at: number, environments: string[], state = 'released') => ({
  kind: RELEASE,
  id: `appliance/${version}`,
  body: {
    product: 'appliance',
    version,
    line: version.slice(0, 3),
    state,
    committedAt: at,
    runs: environments.map(environment => ({
      environment,
      state,
      endedAt: at,
    })),
  },
});
const merged = (iid: number, targetBranch: string, mergedAt: number) =>
  recordDecision(
    place.database,
    {
      key: `merge-request:acme/appliance!${iid}`,
      automation: 'version-check',
      facts: {
        targetBranch,
        mergedAt,
      },
      decision: {
        verdict: 'ok',
        because: [],
        actions: [],
      },
      reasons: [],
      dryRun: false,
    },
    NOW,
  );

it('counts releases by week and line, and the hours from a merge to production', async () => {
  const at = NOW - 24 * HOUR;
  await documents.submit({
    changes: [
      release('5.4.1', at - 7 * 24 * HOUR, ['development', 'production']),
      release('5.4.2', at - 2 * HOUR, ['development']),
      release('5.4.3', at, ['development', 'production']),
      release('5.3.9', at, ['development'], 'failed'),
      release('4.0.1', at, ['development']),
    ],
  });
  await merged(1, 'release/5.4', at - 10 * HOUR);
  await merged(2, 'release/5.4', at - 30 * HOUR);
  await merged(3, 'release/5.4', at - 20 * HOUR);
  // Not in production yet, and into a branch that is no line.
  await merged(4, 'release/5.4', at + HOUR);
  await merged(5, 'feature/x', at - 5 * HOUR);
  const merges = new FactsIndex({
    records: createRecords(place.database.query),
    automation: 'version-check',
    keys: 'merge-request:',
    pick: mergeIn,
    most: 125,
    now: () => NOW,
  });
  const lines = [
    { name: '5.4', branch: 'release/5.4' },
    { name: '5.3', branch: 'release/5.3' },
  ];
  const ask = () =>
    releaseFigures({
      merges: async () => (await merges.read()).values(),
      documents,
      lines,
      production: () => 'production',
      now: NOW,
    });
  const figures = await ask();
  expect(figures.weeks).toHaveLength(26);
  expect(figures.weeks.at(-1)).toBe('2026-11-23');
  const lastWeeks = figures.lines.map(line => [line.line, line.released.slice(-2), line.leadHours.at(-1)]);
  expect(lastWeeks).toEqual([
    ['5.4', [1, 2], 20],
    ['5.3', [0, 0], null],
    ['4.0', [0, 1], null],
  ]);
  // Looked at meanwhile: one that is new, and one that has gone to another line after all.
  await merged(6, 'release/5.4', at - 50 * HOUR);
  await merged(3, 'release/5.3', at - 20 * HOUR);
  expect((await ask()).lines[0]?.leadHours.at(-1)).toBe(30);
  // More than are read at a stretch.
  for (let iid = 100; iid < 220; iid++) await merged(iid, 'release/5.4', at - 40 * HOUR);
  expect((await ask()).lines[0]?.leadHours.at(-1)).toBe(40);
  expect(await merges.read()).toHaveProperty('size', 125);
});
