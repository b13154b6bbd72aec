import type { Automation, Decision, PlannedAction } from '../../../engine/automation.ts';
import type { Channel, CompareVersions } from '../channels/move-head.ts';
import { type OperationContext, promote } from '../channels/operations.ts';
import { CHANNEL, RELEASE, type ReleaseDocument } from '../model.ts';
import { readAll } from '../read-all.ts';
import { compareVersions } from '../version.ts';
import { nextTime, type WeeklyTime } from './next-time.ts';

/** When an environment gets what the one before it has. */
export interface PromotionSchedule extends WeeklyTime {
  /** As the configuration has it: `Wed 10:00`. */
  text: string;
}

export interface ScheduleContext extends OperationContext {
  /** The schedule of an environment of a product, or undefined. */
  schedule: (product: string, environment: string) => PromotionSchedule | undefined;
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

interface PromoteAction extends PlannedAction {
  type: 'promote';
  version: string;
}

/** A time that was missed by more than this is let go: nobody expects Wednesday's release on Friday. */
const LATEST = 6 * 60 * 60_000;

/** The reconciler of `promotion:<product>/<environment>`: at its time each week, what is released before comes here. */
export function promotionSchedule(context: ScheduleContext): Automation<ScheduleFacts, PromoteAction, ScheduleMemory> {
  return {
    name: 'release-schedule',
    kind: 'promotion',
    standing: true,
    gather: look => gather(look.subject, context),
    decide: (facts, memory, now) =>
      decide(facts, memory, context.schedule(facts.product, facts.environment), compareVersions, now),
    effect: (action, { product, environment }) => ({
      name: `promote ${action.version} to ${environment}`,
      summary: action.summary,
      do: async () => {
        const why = 'its time has come';
        const operation = { product, environment, version: action.version, by: 'the schedule', why };
        const { run } = await promote(operation, context);
        return { attempt: run?.attempt ?? null };
      },
    }),
  };
}

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

async function gather(subject: string, context: ScheduleContext): Promise<ScheduleFacts> {
  const [product = '', environment = ''] = subject.split('/');
  const environments = context.environments(product);
  const before = environments[environments.indexOf(environment) - 1];
  const channels = await readAll<Channel>(context.documents, CHANNEL, `${product}/`);
  const releases = await readAll<ReleaseDocument>(context.documents, RELEASE, `${product}/`);
  const lines = [...new Set(channels.map(({ id }) => id.split('/')[1] ?? ''))];
  const headOf = (line: string, where: string | undefined) =>
    channels.find(({ id }) => id === `${product}/${line}/${where}`)?.body.head ?? null;
  return {
    product,
    environment,
    lines: lines.map(line => {
      const from = headOf(line, before);
      const runs = releases.find(({ body }) => body.version === from)?.body.runs ?? [];
      const underWay = runs.some(run => run.state === 'queued' || run.state === 'running');
      return { line, from, here: headOf(line, environment), underWay };
    }),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
