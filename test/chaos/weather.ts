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

/** The weather of a history, which is bad until its end. */
export interface Weather {
  /**
   * Faults for about as long as so many events take; changes are struck as often as questions, of which there are many more. What is
   * left of the faults before goes: where they came faster than requests, in the end every request would meet one. Webhooks
   * get lost all the time, come twice, and come late and in another order.
   */
  next(events: number): Promise<void>;
  /** Fair weather from now on; how many faults there were, by their kind. */
  end(): Promise<Record<string, number>>;
}

export function makeWeather({ gitlabUrl, freshdeskUrl }: World, random: Random): Weather {
  const struck: Record<string, number> = {};
  const rules = (calls: number, match: object, share: number) =>
    Array.from({ length: Math.ceil(calls * share) }, () => ({
      match: { agent: 'signalbox', ...match },
      after: Math.floor(random() * calls),
      times: 1,
      fault: pick(random, FAULTS),
    }));
  const faults = (calls: number) => [
    ...WEBHOOKS.map(fault => ({ fault })),
    ...rules(calls, {}, SHARE),
    ...rules(calls / 10, { method: 'POST' }, 2 * SHARE),
    ...rules(calls / 20, { method: 'PUT' }, 2 * SHARE),
  ];
  const clear = async () => {
    for (const url of [gitlabUrl, freshdeskUrl]) {
      const known = (await control(url, 'GET', 'faults')) as { fault: Fault; struck: number }[];
      for (const rule of known) {
        const kind = kindOf(rule.fault);
        struck[kind] = (struck[kind] ?? 0) + rule.struck;
      }
      await control(url, 'DELETE', 'faults');
    }
  };
  return {
    next: async events => {
      await clear();
      await control(gitlabUrl, 'POST', 'faults', faults(events * CALLS.gitlab));
      await control(freshdeskUrl, 'POST', 'faults', faults(events * CALLS.freshdesk));
    },
    end: async () => {
      await clear();
      return struck;
    },
  };
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
