import type { PlannedAction } from '../automation.ts';

/**
 * Performs the actions of a plan in their order; those that belong together up to `atOnce` at the same time. With a failure nothing new
 * is begun, what is under way comes to its end, and then the first failure is thrown.
 */
export async function performPlan<Action extends PlannedAction, Outcome>(
  actions: readonly Action[],
  atOnce: number,
  perform: (action: Action) => Promise<Outcome>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const batch of batches(actions)) outcomes.push(...(await performTogether(batch, atOnce, perform)));
  return outcomes;
}

function batches<Action extends PlannedAction>(actions: readonly Action[]): Action[][] {
  const all: Action[][] = [];
  for (const action of actions) {
    const last = all.at(-1);
    if (last && action.together !== undefined && last[0]?.together === action.together) last.push(action);
    else all.push([action]);
  }
  return all;
}

async function performTogether<Action, Outcome>(
  batch: readonly Action[],
  atOnce: number,
  perform: (action: Action) => Promise<Outcome>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const failures: unknown[] = [];
  const waiting = batch.entries();
  const work = async () => {
    for (const [index, action] of waiting) {
      if (failures.length > 0) return;
      try {
        outcomes[index] = await perform(action);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, batch.length) }, work));
  if (failures.length > 0) throw failures[0];
  return outcomes;
}
