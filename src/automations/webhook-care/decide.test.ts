import { expect, it } from 'vitest';
import { decide } from './reconcile.ts';

const header = { event: 'issues_hooks', headers: {}, body: '{}' };

it('decides nothing where all is well, and looks again in ten minutes', () => {
  const facts = { project: 'acme/appliance', hooks: [{ id: 1, status: 'executable', missed: [] }] };
  const decision = decide(facts, { taken: { 1: 5 } }, 1000);
  expect(decision).toMatchObject({ actions: [], memory: { taken: { 1: 5 } }, lookAgainAt: 601_000 });
  expect(decide({ ...facts, hooks: [] }, null, 0).verdict).toBe('no webhook of this project points here');
});

it('takes over oldest first, remembers the newest of each hook, and wakes the hook last', () => {
  const missed = [9, 7, 8].map(id => ({ id, ...header }));
  const hooks = [
    { id: 1, status: 'temporarily_disabled', missed },
    { id: 2, status: 'executable', missed: null },
  ];
  const decision = decide({ project: 'acme/appliance', hooks }, { taken: { 1: 3, 2: 4 } }, 0);
  const steps = decision.actions.map(action => (action.type === 'take-over' ? action.event : action.type));
  expect(steps).toEqual([7, 8, 9, 're-enable']);
  expect(decision.memory).toEqual({ taken: { 1: 9, 2: 4 } });
});
