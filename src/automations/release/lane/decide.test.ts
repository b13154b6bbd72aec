import { expect, it } from 'vitest';
import { decide, type OpenRun } from './decide.ts';

const run = (version: string, more: Partial<OpenRun> = {}): OpenRun => ({
  version,
  environment: 'development',
  attempt: 1,
  state: 'queued',
  queuedAt: 1,
  notBefore: 0,
  ...more,
});

const plan = (...open: OpenRun[]) => {
  const decision = decide({ product: 'appliance', open }, 100);
  const actions = decision.actions.map(({ type, version, attempt }) => `${type} ${version} ${attempt}`);
  return { actions, again: decision.lookAgainAt, verdict: decision.verdict };
};

it('has nothing to do without a run', () => {
  expect(plan()).toEqual({ actions: [], again: undefined, verdict: 'nothing to run' });
});

it('runs one at a time, the first that came first, and looks again only when that is over', () => {
  expect(plan(run('5.4.2', { queuedAt: 3 }), run('5.4.1', { queuedAt: 2 }))).toEqual({
    actions: ['run 5.4.1 1'],
    again: undefined,
    verdict: 'running 5.4.1 in development',
  });
});

it('lets another release pass while one waits to be tried again', () => {
  const put = run('5.4.1', { attempt: 2, notBefore: 500 });
  expect(plan(put, run('5.4.2', { queuedAt: 9 }))).toMatchObject({ actions: ['run 5.4.2 1'], again: 500 });
  expect(plan(put)).toEqual({ actions: [], again: 500, verdict: 'waiting to try 5.4.1 again' });
});

it('ends what an earlier process has left before it runs anything', () => {
  const { actions, again } = plan(run('5.4.2', { queuedAt: 1 }), run('5.4.1', { state: 'running', queuedAt: 2 }));
  expect(actions).toEqual(['interrupted 5.4.1 1', 'run 5.4.2 1']);
  expect(again).toBeUndefined();
});

it('comes to the same whatever order the facts are in', () => {
  const runs = [run('5.4.10'), run('5.4.9', { attempt: 2 }), run('5.4.9'), run('5.4.11')];
  expect(plan(...runs)).toEqual(plan(...runs.toReversed()));
  // By their numbers, not as texts: what runs last is what the environment has.
  expect(plan(...runs).actions).toEqual(['run 5.4.9 1']);
});
