import { expect, it } from 'vitest';
import { performPlan } from './perform-plan.ts';

const action = (summary: string, together?: string) => ({ type: 'x', summary, ...(together && { together }) });
const nextTurn = () => new Promise(resolve => setImmediate(resolve));

it('performs in order, and what belongs together so many at once', async () => {
  const told: string[] = [];
  let running = 0;
  let most = 0;
  const plan = [action('a'), ...['b', 'c', 'd', 'e'].map(name => action(name, 'files')), action('f')];
  const outcomes = await performPlan(plan, 3, async ({ summary }) => {
    told.push(`+${summary}`);
    most = Math.max(most, ++running);
    await nextTurn();
    running--;
    told.push(`-${summary}`);
    return summary;
  });
  expect(outcomes).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  expect(most).toBe(3);
  expect(told.slice(0, 2)).toEqual(['+a', '-a']);
  expect(told.slice(-2)).toEqual(['+f', '-f']);
});

it('begins nothing new after a failure, and lets what is under way come to its end', async () => {
  const ended: string[] = [];
  const plan = [...['b', 'c', 'd', 'e'].map(name => action(name, 'files')), action('f')];
  const failure = performPlan(plan, 2, async ({ summary }) => {
    await nextTurn();
    if (summary === 'b') throw new Error('b failed');
    await nextTurn();
    ended.push(summary);
    return summary;
  });
  await expect(failure).rejects.toThrow('b failed');
  expect(ended).toEqual(['c']);
});
