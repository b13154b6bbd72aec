import type { Look } from '../../engine/automation.ts';
import type { EscalationContext } from './context.ts';
import type { EscalationFacts } from './facts.ts';

/** One look's action with everything that performing it takes. */
export interface Performance {
  facts: EscalationFacts;
  look: Look;
  context: EscalationContext;
  domain: string;
  ticket: number;
  key: string;
}
