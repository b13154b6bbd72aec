import { expect, it } from 'vitest';
import { afterRun } from './after-run.ts';

const rules = { attempts: 3, onInterrupt: 'retry' as const };
const exited = (exit: number) => ({ how: 'exited' as const, exit, signal: null });

it.each([
  [exited(0), 1, 'released', null],
  [exited(1), 1, 'failed', null],
  [exited(127), 1, 'failed', null],
  [exited(75), 1, 'put_off', 31_000],
  [exited(75), 2, 'put_off', 61_000],
  [exited(75), 3, 'failed', null],
  [{ how: 'killed' as const, exit: null, signal: 'SIGSEGV' as const }, 1, 'failed', null],
  [{ how: 'timed_out' as const, exit: null, signal: null }, 1, 'timed_out', null],
  // A script that was told to end and then says 0 has not released anything.
  [{ how: 'timed_out' as const, exit: 0, signal: null }, 1, 'timed_out', null],
  [{ how: 'interrupted' as const, exit: null, signal: null }, 1, 'interrupted', 1000],
  [{ how: 'interrupted' as const, exit: null, signal: null }, 3, 'interrupted', null],
])('%o at attempt %i is %s', (end, attempt, expected, retryAt) => {
  expect(afterRun(end, attempt, rules, 1000)).toMatchObject({ end: expected, retryAt });
});

it('leaves a run that was cut off to a person where the rule says so', () => {
  const end = { how: 'interrupted' as const, exit: null, signal: null };
  expect(afterRun(end, 1, { ...rules, onInterrupt: 'fail' }, 1000).retryAt).toBeNull();
});

it('never waits longer than half an hour', () => {
  expect(afterRun(exited(75), 30, { ...rules, attempts: 100 }, 0).retryAt).toBe(30 * 60_000);
});
