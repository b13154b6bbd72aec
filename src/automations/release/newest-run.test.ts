import { expect, it } from 'vitest';
import { firstRun, newestRun } from './newest-run.ts';

const run = (attempt: number, environment = 'development', how = 'released', by = 'ci') => ({
  attempt,
  environment,
  how,
  by,
});

it('is the run itself, or the one that took its place', () => {
  expect(newestRun([run(1)], 1)?.attempt).toBe(1);
  expect(newestRun([run(1), run(2), run(3)], 1)?.attempt).toBe(3);
  expect(newestRun([run(1), run(2)], 2)?.attempt).toBe(2);
});

it('is none for another purpose that came meanwhile', () => {
  const others = [run(2, 'production', 'promoted'), run(3, 'development', 'rolled-back')];
  expect(newestRun([run(1), ...others], 1)?.attempt).toBe(1);
});

it('is nothing where there is no such run', () => {
  expect(newestRun([run(1)], 7)).toBeUndefined();
});

it('begins with the first for the environment, however it came there', () => {
  const runs = [run(1), run(2, 'production', 'promoted'), run(3, 'production', 'rolled-back')];
  expect(firstRun(runs, 'production')?.attempt).toBe(2);
  expect([firstRun(runs, 'staging')?.attempt, firstRun(runs, undefined)?.attempt]).toEqual([1, 1]);
  expect(firstRun([], 'production')).toBeUndefined();
});
