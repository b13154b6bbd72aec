import { expect, it } from 'vitest';
import { compareVersions } from '../version.ts';
import { decide, type ScheduleFacts, type ScheduleMemory } from './decide.ts';

const schedule = { text: 'Wed 10:00', weekday: 3, hour: 10, minute: 0, timeZone: 'UTC' };
const WEDNESDAY = Date.parse('2026-11-25T10:00:00Z');
const WEEK = 7 * 86_400_000;
const HOUR = 3_600_000;
const line = (from: string | null, here: string | null, underWay = false) => ({ line: '5.4', from, here, underWay });
const facts = (...lines: ScheduleFacts['lines']): ScheduleFacts => ({
  product: 'appliance',
  environment: 'production',
  lines,
});
const at = (now: number, memory: ScheduleMemory | null, ...lines: ScheduleFacts['lines']) => {
  const decision = decide(facts(...lines), memory, schedule, compareVersions, now);
  return {
    promoted: decision.actions.map(action => action.version),
    next: decision.memory?.next,
    again: decision.lookAgainAt,
  };
};

it('waits for its time from the first look on, and makes up for none before it', () => {
  const expected = { promoted: [], next: WEDNESDAY + WEEK, again: WEDNESDAY + WEEK };
  expect(at(WEDNESDAY + 1, null, line('5.4.2', '5.4.1'))).toEqual(expected);
  expect(at(WEDNESDAY - 1, { next: WEDNESDAY }, line('5.4.2', '5.4.1'))).toMatchObject({
    promoted: [],
    next: WEDNESDAY,
  });
});

it('promotes what is newer before it when the time has come, once', () => {
  const first = at(WEDNESDAY, { next: WEDNESDAY }, line('5.4.10', '5.4.9'));
  expect(first).toEqual({ promoted: ['5.4.10'], next: WEDNESDAY + WEEK, again: WEDNESDAY + WEEK });
  expect(at(WEDNESDAY + 1, { next: first.next! }, line('5.4.11', '5.4.9')).promoted).toEqual([]);
});

it.each([
  ['the same is here', line('5.4.2', '5.4.2')],
  ['something newer is here', line('5.4.9', '5.4.10')],
  ['nothing was released before', line(null, '5.4.1')],
  ['a run of it has not ended', line('5.4.2', '5.4.1', true)],
])('promotes nothing when %s', (_what, facts_) => {
  expect(at(WEDNESDAY, { next: WEDNESDAY }, facts_).promoted).toEqual([]);
});

it('makes up for a short outage and lets go of a long one', () => {
  const newer = line('5.4.2', null);
  expect(at(WEDNESDAY + 5 * HOUR, { next: WEDNESDAY }, newer).promoted).toEqual(['5.4.2']);
  expect(at(WEDNESDAY + 7 * HOUR, { next: WEDNESDAY }, newer)).toEqual({
    promoted: [],
    next: WEDNESDAY + WEEK,
    again: WEDNESDAY + WEEK,
  });
});

it('follows a time that was changed to an earlier one', () => {
  expect(at(WEDNESDAY - HOUR, { next: WEDNESDAY + 2 * HOUR }, line('5.4.2', null)).again).toBe(WEDNESDAY);
});

it('does nothing without a schedule', () => {
  const decision = decide(facts(line('5.4.2', null)), { next: 0 }, undefined, compareVersions, WEDNESDAY);
  expect(decision).toMatchObject({ actions: [], memory: null });
});
