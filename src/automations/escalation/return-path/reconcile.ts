import type { Automation } from '../../../engine/automation.ts';
import { decide, type ReturnAction } from './decide.ts';
import type { ReturnFacts } from './facts.ts';
import { gather } from './gather.ts';
import { toEffect } from './perform.ts';
import type { ReturnContext } from './return-context.ts';

/** The reconciler of `escalated-issue:<project>#<iid>`: what became of the issue, brought back to its tickets. */
export function returnPath(context: ReturnContext): Automation<ReturnFacts, ReturnAction, null> {
  return {
    name: 'escalation',
    kind: 'escalated-issue',
    gather: look => gather(look, context),
    decide,
    effect: (action, facts, look) => toEffect(action, facts, look, context),
  };
}
