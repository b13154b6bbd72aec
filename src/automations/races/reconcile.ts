import type { Automation } from '../../engine/automation.ts';
import type { RacesContext } from './context.ts';
import type { RaceMemory, RaceSituation } from './facts.ts';
import { gather } from './gather.ts';
import { toEffect } from './perform.ts';
import { planActions, type RaceAction } from './plan-actions.ts';

/** The reconciler of `race:<fingerprint>`. */
export function race(context: RacesContext): Automation<RaceSituation, RaceAction, RaceMemory> {
  return {
    name: 'races',
    kind: 'race',
    gather: look => gather(look, context),
    decide: planActions,
    effect: (action, facts, look) => toEffect(action, facts, look, context),
  };
}
