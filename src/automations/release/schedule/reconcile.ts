import type { Automation } from '../../../engine/automation.ts';
import type { Channel } from '../channels/move-head.ts';
import { type OperationContext, promote } from '../channels/operations.ts';
import { CHANNEL, RELEASE, type ReleaseDocument } from '../model.ts';
import { readAll } from '../read-all.ts';
import { compareVersions } from '../version.ts';
import {
  decide,
  type PromoteAction,
  type PromotionSchedule,
  type ScheduleFacts,
  type ScheduleMemory,
} from './decide.ts';

export interface ScheduleContext extends OperationContext {
  /** The schedule of an environment of a product, or undefined. */
  schedule: (product: string, environment: string) => PromotionSchedule | undefined;
}

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
