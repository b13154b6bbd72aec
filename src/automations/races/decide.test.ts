import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import type { IssueFact, NewSightings, RaceFacts } from './facts.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 23, 10);
const seen = (more: Partial<NewSightings> = {}): NewSightings => ({
  host: 'box-1',
  build: { name: '5.4.1', builtAt: NOW - 10 * DAY, containsFix: null },
  count: 1,
  lastAt: NOW,
  ...more,
});
const open: IssueFact = { iid: 7, state: 'opened', closedAt: null, locked: false, notes: 3 };
const closed: IssueFact = { iid: 7, state: 'closed', closedAt: NOW - 5 * DAY, locked: false, notes: 3 };
const SHOWN = { hosts: ['box-1'], builds: ['5.4.1'], perDay: 1, notedOn: '2026-11-22' };
const FACTS: RaceFacts = {
  now: NOW,
  today: '2026-11-23',
  settings: { comment: 'daily', dailyCap: 10, reopenDays: 90, fanOut: 5 },
  race: { fingerprint: 'f', confidence: 'complete', rank: 1 },
  fresh: [seen()],
  newVariants: [],
  missingLabel: null,
  fannedOutTo: null,
  shown: SHOWN,
  issue: null,
  openedToday: 0,
  baseline: null,
  neighbours: [],
  suppression: null,
  human: { mergedInto: null, ignoredUntil: null, ignoreReason: null },
};
const changes = { ...FACTS.settings, comment: 'changes' } as const;
const withFix = seen({ build: { name: '5.4.2', builtAt: NOW - DAY, containsFix: true } });

describe('what is done about a race', () => {
  it.each<[string, Partial<RaceFacts>, string, object]>([
    ['nothing was seen', { fresh: [], issue: open }, 'nothing new', { action: 'record' }],
    ['it is new', {}, 'new', { action: 'create', after: null }],
    ['it is torn but whole', { race: { ...FACTS.race, confidence: 'torn' } }, 'new', { action: 'create' }],
    [
      'its sides may not belong together',
      { race: { ...FACTS.race, confidence: 'mixed' } },
      'mixed reports only',
      { action: 'digest' },
    ],
    [
      'mixed, but known',
      { race: { ...FACTS.race, confidence: 'mixed' }, issue: open },
      'known and open',
      { action: 'update' },
    ],
    ['the cap is reached', { openedToday: 10 }, 'daily cap', { action: 'digest' }],
    ['the cap is reached, but it is known', { openedToday: 10, issue: open }, 'known and open', { action: 'update' }],
    [
      'baseline, not among the first',
      { baseline: { until: NOW + DAY, top: 20 }, race: { ...FACTS.race, rank: 21 } },
      'baseline',
      { action: 'digest' },
    ],
    [
      'baseline, among the first',
      { baseline: { until: NOW + DAY, top: 20 }, race: { ...FACTS.race, rank: 20 } },
      'new',
      { action: 'create' },
    ],
    [
      'baseline is over',
      { baseline: { until: NOW, top: 20 }, race: { ...FACTS.race, rank: 21 } },
      'new',
      { action: 'create' },
    ],
    ['many share a side', { neighbours: [3, 4, 5, 6, 8, 9] }, 'fan-out', { action: 'attach', iid: 3 }],
    ['many share a side, told there', { fannedOutTo: 3 }, 'told in another issue', { action: 'attach', iid: 3 }],
    [
      'told elsewhere once, but has an issue now',
      { fannedOutTo: 3, issue: open },
      'known and open',
      { action: 'update' },
    ],
    ['the label is missing', { missingLabel: 'race condition' }, 'label is missing', { action: 'wait' }],
    [
      'the label is missing, but it is known',
      { missingLabel: 'race condition', issue: open },
      'known and open',
      { action: 'update' },
    ],
    [
      'open, never commented on: the day it was filed',
      { issue: open, shown: { ...SHOWN, notedOn: null } },
      'known and open',
      { comment: 'daily' },
    ],
    [
      'merged by a member, though nothing was seen',
      { human: { ...FACTS.human, mergedInto: 12 }, issue: open, fresh: [] },
      'merged by a member',
      { action: 'attach', iid: 12 },
    ],
    ['five share a side', { neighbours: [3, 4, 5, 6, 8] }, 'new', { action: 'create' }],
    [
      'suppressed',
      { suppression: { reason: 'log level', owner: 'ada', until: NOW + DAY } },
      'suppressed',
      { action: 'record' },
    ],
    [
      'suppressed for ever',
      { suppression: { reason: 'log level', owner: 'ada', until: null } },
      'suppressed',
      { action: 'record' },
    ],
    [
      'suppression expired',
      { suppression: { reason: 'log level', owner: 'ada', until: NOW } },
      'new',
      { action: 'create' },
    ],
    [
      'a member merged it',
      { human: { ...FACTS.human, mergedInto: 12 }, issue: open },
      'merged by a member',
      { action: 'attach', iid: 12 },
    ],
    [
      'a member merged it into itself',
      { human: { ...FACTS.human, mergedInto: 7 }, issue: open },
      'known and open',
      { action: 'update' },
    ],
    [
      'a member ignores it',
      { human: { ...FACTS.human, ignoredUntil: NOW + DAY, ignoreReason: 'x' }, issue: open },
      'ignored by a member',
      { action: 'record' },
    ],
    [
      'a member no longer ignores it',
      { human: { ...FACTS.human, ignoredUntil: NOW - 1 }, issue: open },
      'known and open',
      { action: 'update' },
    ],
    [
      'open, first time today',
      { issue: open },
      'known and open',
      { action: 'update', iid: 7, comment: 'daily', changes: [] },
    ],
    [
      'open, commented today',
      { issue: open, shown: { ...SHOWN, notedOn: '2026-11-23' } },
      'known and open',
      { comment: null },
    ],
    ['open, on changes, none', { issue: open, settings: changes }, 'known and open', { comment: null, changes: [] }],
    [
      'open, on changes, a box',
      { issue: open, settings: changes, fresh: [seen({ host: 'box-2' })] },
      'known and open',
      { comment: 'changes', changes: ['box'] },
    ],
    [
      'open, on changes, a build',
      { issue: open, settings: changes, fresh: [withFix] },
      'known and open',
      { comment: 'changes', changes: ['build'] },
    ],
    [
      'open, on changes, a variant',
      { issue: open, settings: changes, newVariants: ['v2'] },
      'known and open',
      { comment: 'changes', changes: ['variant'] },
    ],
    [
      'open, on changes, ten times as often',
      { issue: open, settings: changes, fresh: [seen({ count: 10 })] },
      'known and open',
      { comment: 'changes', changes: ['rate'] },
    ],
    [
      'open, on changes, nine times as often',
      { issue: open, settings: changes, fresh: [seen({ count: 9 })] },
      'known and open',
      { comment: null },
    ],
    [
      'open, on changes, but told today',
      { issue: open, settings: changes, fresh: [seen({ host: 'box-2' })], shown: { ...SHOWN, notedOn: '2026-11-23' } },
      'known and open',
      { comment: null, changes: ['box'] },
    ],
    ['open, near the limit of notes', { issue: { ...open, notes: 4000 } }, 'known and open', { comment: null }],
    ['open, locked', { issue: { ...open, locked: true } }, 'known and open', { comment: null }],
    [
      'closed, build without the fix',
      { issue: closed, fresh: [seen({ build: { name: '5.4.1', builtAt: NOW, containsFix: false } })] },
      'known and closed',
      { action: 'record' },
    ],
    ['closed, build older than the closing', { issue: closed }, 'known and closed', { action: 'record' }],
    [
      'closed, build newer than the closing',
      { issue: closed, fresh: [seen({ build: { name: '5.4.2', builtAt: NOW - DAY, containsFix: null } })] },
      'known and closed',
      { action: 'reopen', iid: 7 },
    ],
    [
      'closed, old log of a nameless build',
      { issue: closed, fresh: [seen({ build: null, lastAt: NOW - 6 * DAY })] },
      'known and closed',
      { action: 'record' },
    ],
    [
      'closed, new log of a nameless build',
      { issue: closed, fresh: [seen({ build: null })] },
      'known and closed',
      { action: 'digest' },
    ],
    [
      'closed, build with the fix',
      { issue: closed, fresh: [withFix] },
      'known and closed',
      { action: 'reopen', iid: 7, changes: ['regression', 'build'] },
    ],
    [
      'closed, one box with and one without',
      { issue: closed, fresh: [seen(), withFix] },
      'known and closed',
      { action: 'reopen' },
    ],
    [
      'closed long ago',
      { issue: { ...closed, closedAt: NOW - 91 * DAY }, fresh: [withFix] },
      'known and closed',
      { action: 'create', after: 7 },
    ],
    [
      'closed and locked',
      { issue: { ...closed, locked: true }, fresh: [withFix] },
      'known and closed',
      { action: 'create', after: 7 },
    ],
    [
      'closed, regression over the cap',
      { issue: closed, fresh: [withFix], openedToday: 99 },
      'known and closed',
      { action: 'reopen' },
    ],
  ])('%s', (_when, facts, rule, plan) => {
    const decision = decide({ ...FACTS, ...facts });
    expect(decision).toMatchObject({ rule, plan });
    expect(decision.reason).toMatch(/\.$/);
  });

  it('writes at most one comment a day, however often it is seen', () => {
    let notedOn: string | null = '2026-11-22';
    let notes = 0;
    for (let at = Date.parse('2026-11-23'); at < Date.parse('2026-12-03'); at += DAY / 600) {
      const today = new Date(at).toISOString().slice(0, 10);
      const { plan } = decide({ ...FACTS, now: at, today, issue: open, shown: { ...SHOWN, notedOn } });
      if (plan.action === 'update' && plan.comment !== null) {
        notes++;
        notedOn = today;
      }
    }
    expect(notes).toBe(10);
  });

  it('opens no more than the cap, and tells the rest in the digest', () => {
    let openedToday = 0;
    let told = 0;
    for (let race = 0; race < 500; race++) {
      const { plan } = decide({ ...FACTS, openedToday });
      if (plan.action === 'create') openedToday++;
      if (plan.action === 'digest') told++;
    }
    expect([openedToday, told]).toEqual([10, 490]);
  });
});
