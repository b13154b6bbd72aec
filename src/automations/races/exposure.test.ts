import { expect, it } from 'vitest';
import { heard, quietBoxes, runningTime } from './exposure.ts';
import { commitNames } from './gather-builds.ts';
import { countEdit, dayIn, nextEditAt } from './limits.ts';
import type { BoxDocument } from './store.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 23, 10);
const BOX: BoxDocument = { source: 'box-1', host: 'box-1', firstHeardAt: NOW, lastHeardAt: NOW, sessions: [] };
const SETTINGS = { silent_after: HOUR, sources: [{ name: 'box-1' }, { name: 'box-9' }] };
const beat = (more: object) => ({ build: 'a', race: true, startedAt: null, running: null, ...more });

it('a run that says the same again is one session, a restart or another build a new one', () => {
  let box = heard(BOX, beat({ startedAt: NOW - HOUR }), NOW);
  box = heard(box, beat({ running: 2 * HOUR }), NOW + HOUR);
  expect(box.sessions).toEqual([{ build: 'a', race: true, startedAt: NOW - HOUR, endedAt: NOW + HOUR }]);
  box = heard(box, beat({ startedAt: NOW + HOUR }), NOW + 2 * HOUR);
  box = heard(box, beat({ build: 'b', startedAt: NOW + HOUR }), NOW + 3 * HOUR);
  expect(box.sessions.map(({ build, endedAt }) => [build, endedAt])).toEqual([
    ['a', NOW + HOUR],
    ['a', NOW + 2 * HOUR],
    ['b', NOW + 3 * HOUR],
  ]);
});

it('nobody ran in the future, and hearing nothing but reports counts for no time', () => {
  expect(heard(BOX, beat({ startedAt: NOW + HOUR, running: HOUR }), NOW).sessions[0]?.endedAt).toBe(NOW);
  expect(heard(BOX, null, NOW + 5)).toEqual({ ...BOX, lastHeardAt: NOW + 5 });
});

it('counts the hours after a time, with the race detector, on builds that count', () => {
  const sessions = [
    { build: 'a', race: true, startedAt: NOW - 2 * HOUR, endedAt: NOW + 2 * HOUR },
    { build: 'b', race: true, startedAt: NOW, endedAt: NOW + HOUR },
    { build: 'a', race: false, startedAt: NOW, endedAt: NOW + HOUR },
  ];
  expect(runningTime([{ ...BOX, sessions }], NOW, build => build === 'a')).toBe(2 * HOUR);
});

it('a box is quiet when it is silent, or runs without the race detector', () => {
  const other = { ...BOX, host: 'soak-2', sessions: [{ build: 'a', race: false, startedAt: NOW, endedAt: NOW }] };
  expect(quietBoxes([BOX, other], SETTINGS, NOW).map(each => [each.box, each.why])).toEqual([
    ['box-1/soak-2', 'without the race detector'],
    ['box-9', 'not heard of yet'],
  ]);
  expect(quietBoxes([BOX, other], SETTINGS, NOW + HOUR).map(each => each.why)).toEqual([
    'silent',
    'silent',
    'not heard of yet',
  ]);
});

it.each([
  ['v5.4.1-12-gabc1234', ['abc1234']],
  ['v0.0.0-20260101000000-abcdef123456', ['abcdef123456']],
  ['5.4.1', ['5.4.1', 'v5.4.1']],
  ['v5.4.1', ['v5.4.1', '5.4.1']],
  ['5.4.1 (a1b2c3d4e5)', ['a1b2c3d4e5']],
  ['a1b2c3d4e5f60718293a4b5c6d7e8f9012345678', ['a1b2c3d4e5f60718293a4b5c6d7e8f9012345678']],
  ['v5.4.1-12-gabc1234-dirty', ['abc1234']],
  ['nightly', []],
  ['feedface', []],
])('the build %s may be the commit %j', (build, names) => {
  expect(commitNames(build)).toEqual(names);
});

it('days begin where the team is', () => {
  const late = Date.UTC(2026, 10, 23, 23, 30);
  expect([dayIn('UTC', late), dayIn('Europe/Berlin', late)]).toEqual(['2026-11-23', '2026-11-24']);
});

it('a few edits a day are made at once, later ones once an hour', () => {
  let edits = null;
  for (let made = 0; made < 5; made++) {
    expect(nextEditAt(edits, '2026-11-23', NOW)).toBe(NOW);
    edits = countEdit(edits, '2026-11-23', NOW);
  }
  expect(nextEditAt(edits, '2026-11-23', NOW + 1)).toBe(NOW + HOUR);
  expect(nextEditAt(edits, '2026-11-24', NOW + 1)).toBe(NOW + 1);
});
