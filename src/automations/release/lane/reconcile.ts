import type { Automation } from '../../../engine/automation.ts';
import { decide, type LaneAction, type LaneFacts } from './decide.ts';
import { gather } from './gather.ts';
import { type LaneContext, toEffect } from './perform.ts';

/** The reconciler of `lane:<product>`: one release script at a time. */
export function lane(context: LaneContext): Automation<LaneFacts, LaneAction> {
  return {
    name: 'release',
    kind: 'lane',
    standing: true,
    gather: look => gather(context.documents, look.subject),
    decide: (facts, _memory, now) => decide(facts, now),
    effect: (action, facts, look) => toEffect(action, facts.product, look, context),
  };
}
