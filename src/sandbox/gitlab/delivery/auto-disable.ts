import type { HookRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';

const FREE_FAILURES = 3;
const PERMANENT_FAILURES = 40;
const MINUTE_MS = 60_000;
const LONGEST_MS = 24 * 60 * MINUTE_MS;

/** Switched off for good, for a while, or not at all. System hooks never are. */
export function alertStatus(world: World, hook: HookRecord): 'executable' | 'temporarily_disabled' | 'disabled' {
  if (!world.settings.autoDisableHooks || hook.kind === 'system' || hook.recentFailures <= FREE_FAILURES)
    return 'executable';
  if (hook.recentFailures >= PERMANENT_FAILURES) return 'disabled';
  return hook.disabledUntil !== null && Date.parse(hook.disabledUntil) > Date.now()
    ? 'temporarily_disabled'
    : 'executable';
}

/** Counts one delivery's outcome: from the 4th failure in a row on the hook rests, a minute first, then twice as long each time. */
export function recordOutcome(world: World, hook: HookRecord, responseStatus: string): void {
  if (/^[23]\d\d$/.test(responseStatus)) {
    hook.recentFailures = 0;
    hook.backoffCount = 0;
    hook.disabledUntil = null;
    return;
  }
  if (!world.settings.autoDisableHooks || hook.kind === 'system') return;
  hook.recentFailures += 1;
  if (hook.recentFailures <= FREE_FAILURES) return;
  hook.backoffCount += 1;
  const pause = Math.min(LONGEST_MS, MINUTE_MS * 2 ** (hook.backoffCount - 1));
  hook.disabledUntil = hook.recentFailures >= PERMANENT_FAILURES ? null : new Date(Date.now() + pause).toISOString();
}
