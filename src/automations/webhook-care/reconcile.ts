import type { Automation, PlannedAction } from '../../engine/automation.ts';
import type { NewDelivery } from '../../engine/intake/delivery.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { describeWebhook } from '../../gitlab/webhook/describe-webhook.ts';

/** A project's webhook that points here, and the deliveries that GitLab could not hand over since the last look. */
export interface HookFacts {
  id: number;
  status: string;
  /** Null where this GitLab keeps no log of deliveries (before 17.3). */
  missed: { id: number; event: string; headers: Record<string, string>; body: string }[] | null;
}

export interface WebhookCareFacts {
  project: string;
  hooks: HookFacts[];
}

/** The newest log entry taken over, by hook id. */
type Memory = { taken: Record<string, number> };

type Action = PlannedAction &
  ({ type: 'take-over'; hook: number; event: number } | { type: 're-enable'; hook: number });

const EVERY = 10 * 60_000;

export interface WebhookCareOptions {
  /** With the Maintainer token: hooks and their log need it. */
  gitlab: GitLab;
  /** Where GitLab sends to: which hooks are ours. */
  hookUrl: string;
  accept: (delivery: NewDelivery) => Promise<void>;
}

/**
 * The reconciler of `webhooks:<project>`. GitLab never sends a failed delivery again, and may switch a hook off that failed
 * too often; both are noticed here and made good: missed deliveries are fetched from GitLab's log with their payloads.
 */
export function webhookCare({
  gitlab,
  hookUrl,
  accept,
}: WebhookCareOptions): Automation<WebhookCareFacts, Action, Memory> {
  return {
    name: 'webhook-care',
    kind: 'webhooks',
    standing: true,
    gather: async look => {
      const hooks = (await gitlab.hooks.list(look.subject)).filter(hook => hook.url === hookUrl);
      return {
        project: look.subject,
        hooks: await Promise.all(
          hooks.map(async hook => {
            const events = await gitlab.hooks.failedEvents(look.subject, hook.id, look.memory?.taken[hook.id] ?? null);
            return {
              id: hook.id,
              status: hook.alert_status ?? 'executable',
              missed:
                events?.map(event => ({
                  id: event.id,
                  event: event.trigger,
                  headers: stringHeaders(event.request_headers),
                  body: JSON.stringify(event.request_data),
                })) ?? null,
            };
          }),
        ),
      };
    },
    decide,
    effect: (action, facts, look) => {
      if (action.type === 're-enable') {
        return {
          name: `re-enable:${action.hook}`,
          summary: action.summary,
          do: async () => {
            await gitlab.hooks.test(facts.project, action.hook, 'push_events');
            return null;
          },
        };
      }
      const missed = facts.hooks.flatMap(hook => hook.missed ?? []).find(each => each.id === action.event);
      return {
        name: `take-over:${action.event}`,
        summary: action.summary,
        do: async () => {
          const body = Buffer.from(missed?.body ?? '{}');
          const described = describeWebhook(missed?.headers ?? {}, body);
          await accept({ source: 'gitlab', ...described, origin: 'backfilled', receivedAt: look.now(), body });
          return null;
        },
      };
    },
  };
}

/** Which missed deliveries to take over, oldest first, and which hooks to switch on again. Pure. */
export function decide(facts: WebhookCareFacts, memory: Memory | null, now: number) {
  const taken: Record<string, number> = { ...memory?.taken };
  const actions: Action[] = [];
  for (const hook of facts.hooks) {
    for (const missed of (hook.missed ?? []).toSorted((a, b) => a.id - b.id)) {
      const summary = `take over a missed delivery of ${facts.project}`;
      actions.push({ type: 'take-over', summary, hook: hook.id, event: missed.id });
      taken[hook.id] = Math.max(taken[hook.id] ?? 0, missed.id);
    }
    if (hook.status !== 'executable') {
      actions.push({ type: 're-enable', summary: `switch the webhook of ${facts.project} on again`, hook: hook.id });
    }
  }
  const disabled = facts.hooks.filter(hook => hook.status !== 'executable').length;
  const verdict =
    facts.hooks.length === 0
      ? 'no webhook of this project points here'
      : disabled > 0
        ? 'the webhook was switched off by GitLab'
        : 'the webhook works';
  const missed = actions.filter(action => action.type === 'take-over').length;
  return {
    verdict,
    because: [
      missed === 0
        ? 'No delivery was missed since the last look.'
        : `Missed deliveries that are taken over: ${missed}.`,
    ],
    actions,
    memory: { taken },
    lookAgainAt: now + EVERY,
  };
}

function stringHeaders(headers: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}
