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

/** Sets faults for about as long as the events take; changes are struck as often as questions, of which there are many more. */
export async function setWeather(world: World, events: number, random: Random): Promise<void> {
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
  await control(world.gitlabUrl, 'POST', 'faults', [
    ...both(events * CALLS.gitlab),
    ...WEBHOOKS.map(fault => ({ fault })),
  ]);
  await control(world.freshdeskUrl, 'POST', 'faults', both(events * CALLS.freshdesk));
}

/** Fair weather from now on; how many faults there were. */
export async function endWeather(world: World): Promise<number> {
  let struck = 0;
  for (const url of [world.gitlabUrl, world.freshdeskUrl]) {
    const rules = (await control(url, 'GET', 'faults')) as { fault: object; struck: number }[];
    // A shuffled webhook counts with the others: it is not lost, but it is late.
    struck += rules.reduce((sum, rule) => sum + rule.struck, 0);
    await control(url, 'DELETE', 'faults');
  }
  return struck;
}
