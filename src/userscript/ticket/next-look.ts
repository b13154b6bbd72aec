import type { Situation } from './decide-view.ts';

const RUNNING = 1000;
const RUNNING_SLOWEST = 5000;
const SETTLED = 60_000;
const TROUBLE = 30_000;

/** When to ask the service again, in milliseconds: often while something is going on there, seldom otherwise. */
export function nextLook({ escalation, trouble }: Situation, quiet: number): number {
  if (escalation?.state === 'running') return Math.min(RUNNING * 1.3 ** quiet, RUNNING_SLOWEST);
  return trouble === null ? SETTLED : TROUBLE;
}
