import type { CodeFacts, IssueFact, RaceSituation } from '../facts.ts';
import { statusState } from '../render-status.ts';

const DAY = 86_400_000;
export const NOW = Date.UTC(2026, 10, 23, 10);
export const OPEN: IssueFact = { iid: 7, state: 'opened', closedAt: null, locked: false, notes: 3 };

export const CODE: CodeFacts = {
  accesses: [
    { kind: 'Write', func: 'acme.example/pkg/cache.(*Cache).Set', place: 'pkg/cache/cache.go:41', url: null },
    { kind: 'Previous read', func: 'acme.example/pkg/cache.(*Cache).Get', place: 'pkg/cache/cache.go:77', url: null },
  ],
  owners: [],
  library: null,
};

/** A race that two boxes saw, with an issue that tells of all but the last sighting unless `changes` say otherwise. */
export function situation(
  changes: Partial<RaceSituation> = {},
  view: Partial<RaceSituation['view']> = {},
): RaceSituation {
  const row = { host: 'box-1', build: '5.4.1', count: 2, firstAt: NOW - DAY, lastAt: NOW };
  return {
    now: NOW,
    today: '2026-11-23',
    asked: false,
    known: true,
    label: 'race condition',
    confidential: false,
    settings: { comment: 'daily', dailyCap: 10, reopenDays: 90, fanOut: 5 },
    race: { fingerprint: 'f'.repeat(32), confidence: 'complete', rank: 1 },
    fresh: [{ host: 'box-1', build: { name: '5.4.1', builtAt: null, containsFix: null }, count: 1, lastAt: NOW }],
    newVariants: [],
    shown: { hosts: ['box-1'], builds: ['5.4.1'], perDay: 1, notedOn: '2026-11-22' },
    issue: OPEN,
    missingLabel: null,
    dependencyLabel: 'dependency',
    openedToday: 0,
    baseline: null,
    neighbours: [],
    fannedOutTo: null,
    suppression: null,
    suppressionFault: null,
    human: { mergedInto: null, ignoredUntil: null, ignoreReason: null },
    view: {
      project: 'acme/appliance',
      title: 'Data race: (*Cache).Set ↔ (*Cache).Get (pkg/cache)',
      type: 'data race',
      detector: 'go',
      incomplete: false,
      firstAt: NOW - DAY,
      lastAt: NOW,
      count: 2,
      rows: [row],
      today: [{ ...row, count: 1 }],
      variants: 1,
      attached: [],
      toldApartFrom: null,
      cleanHours: null,
      ...view,
    },
    talk: { hasStatus: true, status: 'an older one', todaysNote: null, faults: [] },
    relink: false,
    takeUp: null,
    attachedTo: null,
    cells: { a: 2 },
    handled: { a: 1 },
    before: null,
    allVariants: ['v1'],
    ...changes,
  };
}

/** The same, with an issue whose status tells all of it. */
export function upToDate(changes: Partial<RaceSituation> = {}): RaceSituation {
  const facts = situation({ fresh: [], ...changes });
  return { ...facts, talk: { ...facts.talk, status: statusState(facts) } };
}
