import type { Decision, PlannedAction } from '../../engine/automation.ts';

/** What GitLab says of a token. */
export interface TokenFacts {
  name: string | null;
  /** The day on which it ends, `2026-12-31`; null where it never does. */
  expiresAt: string | null;
  /** False where GitLab does not say anything about it. */
  told: boolean;
}

const DAY = 86_400_000;
const SOON = 14 * DAY;

/** How long a token still serves. Pure. */
export function decide({ name, expiresAt, told }: TokenFacts, now: number): Decision<PlannedAction> {
  const later = { actions: [], lookAgainAt: now + DAY };
  if (!told) return { ...later, verdict: 'not told', because: ['GitLab does not say when this token ends.'] };
  if (expiresAt === null) return { ...later, verdict: 'good', because: [`${name} does not expire.`] };
  // It ends as the day begins.
  const left = Date.parse(expiresAt) - now;
  const because = [`${name} ends on ${expiresAt}.`];
  if (left > SOON) return { ...later, verdict: 'good', because };
  because.push('Make a new token, put it where the configuration reads it, and restart or reload the service.');
  if (left <= 0) return { ...later, verdict: 'expired', because };
  const days = Math.ceil(left / DAY);
  return { ...later, verdict: `expires in ${days} ${days === 1 ? 'day' : 'days'}`, because };
}
