import { pick, type Random } from '../e2e/board-relay.ts';
import { control, type World } from './world.ts';

/** Those that strike a request of the service. */
const FAULTS = [
  { status: 500 },
  { status: 502 },
  { status: 503 },
  { commit_then: 502 },
  { commit_then: 502 },
  { reset: 'before' },
  { reset: 'after' },
  { reset: 'after' },
  { status: 429, headers: { 'retry-after': '1' }, body: 'Retry later' },
  { delay_ms: 400 },
];
const WEBHOOKS = [{ drop_webhooks: 0.15 }, { duplicate_webhooks: 0.2 }, { shuffle_webhooks: 500 }];
/** About so many requests the service makes for an event, and so many of them go wrong. */
const CALLS = { gitlab: 20, freshdesk: 1.5 };
const SHARE = 0.05;

/** Faults for about as long as so many events take; changes are struck as often as questions, of which there are many more. */
export async function addFaults(world: World, events: number, random: Random): Promise<void> {
  const rules = (calls: number, match: object, share: number) =>
    Array.from({ length: Math.ceil(calls * share) }, () => ({
      match: { agent: 'signalbox', ...match },
      after: Math.floor(random() * calls),
      times: 1,
      fault: pick(random, FAULTS),
    }));
  const both = (calls: number) => [
    ...rules(calls, {}, SHARE),
    ...rules(calls / 10, { method: 'POST' }, 2 * SHARE),
    ...rules(calls / 20, { method: 'PUT' }, 2 * SHARE),
  ];
  await control(world.gitlabUrl, 'POST', 'faults', both(events * CALLS.gitlab));
  await control(world.freshdeskUrl, 'POST', 'faults', both(events * CALLS.freshdesk));
}

/** Until the weather ends, webhooks get lost, come twice, and come late and in another order. */
export async function spoilWebhooks({ gitlabUrl, freshdeskUrl }: World): Promise<void> {
  const rules = WEBHOOKS.map(fault => ({ fault }));
  for (const url of [gitlabUrl, freshdeskUrl]) await control(url, 'POST', 'faults', rules);
}

/** Fair weather from now on; how many faults there were, by their kind. */
export async function endWeather(world: World): Promise<Record<string, number>> {
  const struck: Record<string, number> = {};
  for (const url of [world.gitlabUrl, world.freshdeskUrl]) {
    const rules = (await control(url, 'GET', 'faults')) as { fault: Fault; struck: number }[];
    for (const rule of rules) {
      const kind = kindOf(rule.fault);
      struck[kind] = (struck[kind] ?? 0) + rule.struck;
    }
    await control(url, 'DELETE', 'faults');
  }
  return struck;
}

type Fault = Partial<Record<'status' | 'commit_then' | 'delay_ms' | 'drop_webhooks' | 'duplicate_webhooks', number>> & {
  reset?: 'before' | 'after';
};

function kindOf(fault: Fault): string {
  if (fault.status !== undefined) return `answered ${fault.status}`;
  if (fault.commit_then !== undefined) return `done, answered ${fault.commit_then}`;
  if (fault.reset !== undefined) return fault.reset === 'after' ? 'done, cut off' : 'cut off';
  if (fault.delay_ms !== undefined) return 'answered late';
  if (fault.drop_webhooks !== undefined) return 'webhook lost';
  return fault.duplicate_webhooks === undefined ? 'webhook late' : 'webhook twice';
}
