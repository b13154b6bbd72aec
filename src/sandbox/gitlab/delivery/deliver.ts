import { randomUUID } from 'node:crypto';
import { type Response, send } from '../../http/send.ts';
import type { Actor } from '../http/call.ts';
import { projectGroups } from '../state/access.ts';
import { wildcard } from '../state/protected.ts';
import type { HookEvent, HookLogRecord, HookRecord, ProjectRecord } from '../state/records.ts';
import { later, licensed, nextId, type World } from '../state/world.ts';
import { alertStatus, recordOutcome } from './auto-disable.ts';
import { type DeliveryIdentity, deliveryHeaders, redacted } from './headers.ts';
import { enterChain } from './loop-guard.ts';
import { fillTemplate } from './template.ts';

export interface Occurrence {
  project: ProjectRecord;
  actor: Actor;
  /** Which of a hook's switches this needs. */
  trigger: HookEvent;
  /** X-Gitlab-Event. */
  eventName: string;
  /** Of pushes: what the hook's branch filter is matched with. */
  branch?: string;
}

const LOG_LIMIT = 1000;
const BODY_LIMIT = 25 * 1024 * 1024;

/** Hooks that hear of this: the project's, its groups' (Premium), the instance's. */
export function listeners(world: World, occurrence: Occurrence): HookRecord[] {
  const owners = [occurrence.project, ...(licensed(world, 'premium') ? projectGroups(world, occurrence.project) : [])];
  const hooks = owners.flatMap(owner => [...owner.hooks.values()]);
  return [...hooks, ...world.systemHooks.values()].filter(
    hook => hook.events[occurrence.trigger] && passesFilter(hook, occurrence.branch),
  );
}

function passesFilter(hook: HookRecord, branch: string | undefined): boolean {
  if (branch === undefined || hook.branchFilter === null || hook.branchFilter === '') return true;
  if (hook.branchFilterStrategy === 'all_branches') return true;
  if (hook.branchFilterStrategy === 'regex') return new RegExp(hook.branchFilter).test(branch);
  return wildcard(hook.branchFilter).test(branch);
}

/**
 * Sends an event to every hook that listens, each on its own and in no promised order. A failed delivery is never tried
 * again: GitLab does not either. The body is built only when somebody listens.
 */
export function publish(world: World, occurrence: Occurrence, body: () => Record<string, unknown>): void {
  const hooks = listeners(world, occurrence);
  if (hooks.length === 0) return;
  const payload = body();
  for (const hook of hooks) {
    const eventName = hook.kind === 'system' ? 'System Hook' : occurrence.eventName;
    post(world, hook, { eventName, trigger: occurrence.trigger, payload, eventUuid: occurrence.actor.eventUuid });
  }
}

function post(
  world: World,
  hook: HookRecord,
  event: { eventName: string; trigger: HookEvent; payload: Record<string, unknown>; eventUuid: string | null },
): void {
  if (alertStatus(world, hook) !== 'executable') return;
  const eventUuid = enterChain(world, hook, event.eventUuid);
  if (eventUuid === null) return;
  const body = Buffer.from(fillTemplate(hook, event.payload));
  if (body.length > BODY_LIMIT) return;
  const identity: DeliveryIdentity = { idempotencyKey: randomUUID(), eventName: event.eventName, eventUuid };
  for (const delayMs of world.faults.scheduleWebhook()) {
    later(
      world,
      async () => {
        await transmit(world, hook, event.trigger, identity, body);
      },
      delayMs,
    );
  }
}

/** One request and its line in the hook's log. */
export async function transmit(
  world: World,
  hook: HookRecord,
  trigger: string,
  identity: DeliveryIdentity,
  body: Buffer,
): Promise<Response> {
  const headers = deliveryHeaders(world, hook, identity, body);
  const response = await send(targetUrl(hook), headers, body, {
    timeoutMs: world.settings.webhookTimeoutMs,
    verifyTls: hook.enableSslVerification,
    signal: world.deliveries.signal,
  });
  const entry: HookLogRecord = {
    id: nextId(world, 'hook_logs'),
    trigger: trigger.replace(/_events$/, '_hooks'),
    url: hook.url,
    idempotencyKey: identity.idempotencyKey,
    requestHeaders: redacted(headers),
    requestBody: body.toString('utf8'),
    responseStatus: response.status,
    responseHeaders: response.headers,
    responseBody: response.error ?? response.body,
    executionDuration: response.duration,
    createdAt: new Date().toISOString(),
  };
  hook.log.push(entry);
  if (hook.log.length > LOG_LIMIT) hook.log.splice(0, hook.log.length - LOG_LIMIT);
  recordOutcome(world, hook, response.status);
  return response;
}

/** `{name}` in a hook's address stands for a URL variable. */
function targetUrl(hook: HookRecord): string {
  return hook.url.replaceAll(/\{(\w+)\}/g, (whole, name: string) => hook.urlVariables.get(name) ?? whole);
}
