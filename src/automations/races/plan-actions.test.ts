import { describe, expect, it } from 'vitest';
import type { RaceMemory, RaceSituation } from './facts.ts';
import { EDITS_AT_ONCE } from './limits.ts';
import { planActions } from './plan-actions.ts';
import { noteState } from './render-status.ts';
import { NOW, OPEN, situation, upToDate } from './testing/situation.ts';

const MEMORY: RaceMemory = {
  cells: { a: 1 },
  variants: ['v1'],
  dayBase: null,
  edits: null,
  attached: null,
  digest: null,
  before: null,
};
const plan = (facts: RaceSituation, memory: RaceMemory | null = MEMORY) => planActions(facts, memory, NOW);
const types = (facts: RaceSituation, memory: RaceMemory | null = MEMORY) =>
  plan(facts, memory).actions.map(action => action.type);
const noted = (facts: RaceSituation, changes: string[] = []): RaceSituation => ({
  ...facts,
  shown: { ...facts.shown, notedOn: facts.today },
  talk: { ...facts.talk, todaysNote: { id: 5, state: 'older', changes } },
});

it.each<[string, RaceSituation, string[]]>([
  ['never reported', situation({ known: false }), []],
  ['new', situation({ issue: null }), ['create']],
  ['open and seen again', situation(), ['comment', 'edit-status']],
  ['open, seen again, commented today', noted(situation()), ['edit-comment', 'edit-status']],
  ['open, nothing new, the status tells all', upToDate(), []],
  ['open, nothing new, the status is old', situation({ fresh: [] }), ['edit-status']],
  ['the status was taken out by somebody', situation({ talk: { ...situation().talk, hasStatus: false } }), ['comment']],
  ['what GitLab says is not what is remembered', upToDate({ relink: true }), ['link']],
  ['a member told it apart', upToDate({ takeUp: { lookThrough: ['a.B'], apart: true } }), ['take-up']],
  [
    'a member merged it',
    situation({ fresh: [], human: { ...situation().human, mergedInto: 12 } }),
    ['attach', 'edit-status'],
  ],
  [
    'a command was not understood, twice in one comment',
    upToDate({
      talk: { ...upToDate().talk, faults: [1, 1].map(note => ({ note, by: 'ada', why: 'form' as const, line: '' })) },
    }),
    ['answer'],
  ],
  [
    'closed, and seen by an old build',
    situation({
      issue: { ...OPEN, state: 'closed', closedAt: NOW },
      fresh: [{ ...situation().fresh[0]!, build: null }],
    }),
    [],
  ],
  [
    'closed, and back with the fix',
    situation({
      issue: { ...OPEN, state: 'closed', closedAt: NOW - 1 },
      fresh: [{ host: 'box-1', build: { name: 'b', builtAt: null, containsFix: true }, count: 1, lastAt: NOW }],
    }),
    ['reopen', 'comment', 'edit-status'],
  ],
  ['the label is missing', situation({ issue: null, missingLabel: 'race condition' }), []],
  ['the cap is reached', situation({ issue: null, openedToday: 10 }), ['digest']],
])('%s', (_when, facts, expected) => {
  expect(types(facts)).toEqual(expected);
});

describe('what is remembered', () => {
  it('what was decided about is not new any more', () => {
    expect(plan(situation()).memory).toMatchObject({
      cells: { a: 2 },
      dayBase: { day: '2026-11-23', cells: { a: 1 } },
    });
  });

  it.each<[string, Partial<RaceSituation>]>([
    ['a new issue, which tells by itself what it tells', {}],
    ['a race in the digest', { openedToday: 10 }],
    ['a race that waits for its label', { missingLabel: 'x' }],
  ])('%s stays new', (_what, changes) => {
    expect(plan(situation({ issue: null, ...changes })).memory?.cells).toEqual({ a: 1 });
  });

  it('the digest tells of a race once', () => {
    const memory = plan(situation({ issue: null, openedToday: 10 })).memory ?? null;
    expect(memory?.digest).toBe('2026-11-23');
    expect(types(situation({ issue: null, openedToday: 10 }), memory)).toEqual([]);
  });

  it('after an unmerge it is told by itself again', () => {
    const merged = { ...MEMORY, attached: { iid: 12, by: 'member' as const } };
    const facts = upToDate({ attachedTo: { iid: 12, by: 'member', owner: 'x' } });
    expect(types(facts, merged)).toEqual(['detach']);
    expect(plan(facts, merged).memory?.attached).toBeNull();
  });
});

it("a merged race that is seen wakes the race in whose issue it is told, and does so by its first look's end only once", () => {
  const memory = { ...MEMORY, attached: { iid: 12, by: 'member' as const } };
  const facts = upToDate({
    fresh: situation().fresh,
    human: { ...situation().human, mergedInto: 12 },
    attachedTo: { iid: 12, by: 'member', owner: 'other' },
  });
  expect(plan({ ...facts, talk: { ...facts.talk, hasStatus: false } }, memory)).toMatchObject({
    actions: [],
    alsoLookAt: [{ key: 'race:other' }],
  });
});

describe('edits of the status', () => {
  it('are made at once when there is news, else a few times a day, then once an hour, and none is lost', () => {
    const edits = { day: '2026-11-23', count: EDITS_AT_ONCE, lastAt: NOW - 60_000 };
    const later = plan(noted(situation()), { ...MEMORY, edits });
    expect(later).toMatchObject({ actions: [], lookAgainAt: NOW - 60_000 + 3_600_000 });
    expect(types(situation(), { ...MEMORY, edits })).toEqual(['comment', 'edit-status']);
    const hourOld = { ...edits, lastAt: NOW - 3_600_000 };
    expect(types(noted(situation()), { ...MEMORY, edits: hourOld })).toEqual(['edit-comment', 'edit-status']);
    expect(types(noted(situation()), { ...MEMORY, edits: { ...edits, day: '2026-11-22' } })).toHaveLength(2);
    expect(types({ ...noted(situation()), asked: true }, { ...MEMORY, edits })).toEqual([
      'edit-comment',
      'edit-status',
    ]);
  });

  it("keep what the day's comment said was new", () => {
    const facts = noted(situation(), ['build']);
    expect(plan(facts).actions[0]).toMatchObject({ type: 'edit-comment', note: 5, changes: ['build'] });
    const told = {
      ...facts,
      talk: { ...facts.talk, todaysNote: { id: 5, state: noteState(facts), changes: ['build'] } },
    };
    expect(types(told)).toEqual(['edit-status']);
  });
});

it('says which race it is, and what stands in the way', () => {
  const { because } = plan(situation({ suppressionFault: '.signalbox/races.yml: entry 1: reason is missing' }));
  expect(because[0]).toMatch(/^Data race: \(\*Cache\)\.Set .* It was seen again/);
  expect(because[1]).toBe('The suppression file has a fault, .signalbox/races.yml: entry 1: reason is missing.');
});
