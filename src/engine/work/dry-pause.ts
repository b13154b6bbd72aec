import type { Decision } from '../automation.ts';

/** Until the next look where something would be done, and where nothing would, ms. */
const LONG = 60 * 60_000;
const SHORT = 60_000;

/** In a dry run nothing has changed when a look is over: what would go on at once would come to the same, again and again. */
export function dryPause({ lookAgainAt, actions }: Decision, now: number): number | undefined {
  return lookAgainAt && Math.max(lookAgainAt, now + (actions.length > 0 ? LONG : SHORT));
}
