import type { Decision, PlannedAction } from '../../../engine/automation.ts';
import type { CompareVersions } from '../channels/move-head.ts';
import { nextTime, type WeeklyTime } from './next-time.ts';

/** When an environment gets what the one before it has. */
export interface PromotionSchedule extends WeeklyTime {
  /** As the configuration has it: `Wed 10:00`. */
  text: string;
}

export interface ScheduleFacts {
  product: string;
  environment: string;
  /** The heads of each line, in the environment before and in this one. */
  lines: { line: string; from: string | null; here: string | null; underWay: boolean }[];
}

export interface ScheduleMemory {
  /** The time that comes next; ms since the epoch. */
  next: number;
}

export interface PromoteAction extends PlannedAction {
  type: 'promote';
  version: string;
}

/** A time that was missed by more than this is let go: nobody expects Wednesday's release on Friday. */
const LATEST = 6 * 60 * 60_000;

export function decide(
  facts: ScheduleFacts,
  memory: ScheduleMemory | null,
  schedule: PromotionSchedule | undefined,
  compare: CompareVersions,
  now: number,
): Decision<PromoteAction, ScheduleMemory> {
  if (!schedule)
    return { verdict: 'no schedule', because: ['the configuration has none here'], actions: [], memory: null };
  const next = nextTime(schedule, now);
  const later = { memory: { next }, lookAgainAt: next };
  const rule = `${facts.environment} gets what is released before it, ${schedule.text} (${schedule.timeZone})`;
  if (memory === null || now < memory.next) {
    const at = memory === null ? next : Math.min(memory.next, next);
    return { verdict: `next on ${iso(at)}`, because: [rule], actions: [], memory: { next: at }, lookAgainAt: at };
  }
  if (now - memory.next > LATEST) {
    return {
      ...later,
      verdict: `missed ${iso(memory.next)}`,
      because: [rule, 'it was missed by more than six hours'],
      actions: [],
    };
  }
  const ready = facts.lines.filter(
    ({ from, here, underWay }) => from !== null && !underWay && (here === null || compare(from, here) > 0),
  );
  return {
    ...later,
    verdict: ready.length === 0 ? 'nothing new' : `promotes ${ready.map(line => line.from).join(', ')}`,
    because: [
      rule,
      ...facts.lines.map(line => `${line.line}: ${line.from ?? 'nothing'} before, ${line.here ?? 'nothing'} here`),
    ],
    actions: ready.map(line => {
      const version = line.from ?? '';
      return { type: 'promote', version, summary: `promote ${version} to ${facts.environment}` };
    }),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
