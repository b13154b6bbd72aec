import { createHmac, randomUUID } from 'node:crypto';
import type { HookRecord } from '../state/records.ts';
import { since, type World } from '../state/world.ts';

export interface DeliveryIdentity {
  /** One per hook and event, the same when it is sent again. */
  idempotencyKey: string;
  /** `Merge Request Hook`; every system hook says `System Hook`. */
  eventName: string;
  /** Chain id: the caller's own X-Gitlab-Event-UUID, else a new one. */
  eventUuid: string;
}

/**
 * The header set of one delivery. X-Gitlab-Webhook-UUID is new on every request, whatever the documentation says.
 * From 19 on `webhook-id` and `webhook-timestamp` are always there, the signature only with a signing token.
 */
export function deliveryHeaders(
  world: World,
  hook: HookRecord,
  identity: DeliveryIdentity,
  body: Buffer,
): Record<string, string> {
  const headers: Record<string, string> = {
    'Content-Type': 'application/json',
    'User-Agent': `GitLab/${world.settings.version}${world.settings.tier === 'free' ? '' : '-ee'}`,
    ...(since(world, 17, 4) ? { 'Idempotency-Key': identity.idempotencyKey } : {}),
    'X-Gitlab-Event': identity.eventName,
    'X-Gitlab-Webhook-UUID': randomUUID(),
    'X-Gitlab-Instance': world.baseUrl,
    ...(hook.token === null ? {} : { 'X-Gitlab-Token': hook.token }),
    'X-Gitlab-Event-UUID': identity.eventUuid,
    ...signatureHeaders(world, hook, identity, body),
  };
  if (since(world, 17)) for (const [name, value] of hook.customHeaders) headers[name] = value;
  return headers;
}

function signatureHeaders(
  world: World,
  hook: HookRecord,
  identity: DeliveryIdentity,
  body: Buffer,
): Record<string, string> {
  if (!since(world, 19)) return {};
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = { 'webhook-id': identity.idempotencyKey, 'webhook-timestamp': timestamp };
  if (hook.signingToken === null) return headers;
  return { ...headers, 'webhook-signature': sign(hook.signingToken, identity.idempotencyKey, timestamp, body) };
}

/** Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, keyed by the bytes behind `whsec_`. */
export function sign(signingToken: string, id: string, timestamp: string, body: Buffer): string {
  const key = Buffer.from(signingToken.replace(/^whsec_/, ''), 'base64');
  const digest = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return `v1,${digest}`;
}

/** What the delivery log shows: the secret token never. */
export function redacted(headers: Record<string, string>): Record<string, string> {
  return 'X-Gitlab-Token' in headers ? { ...headers, 'X-Gitlab-Token': '[REDACTED]' } : { ...headers };
}
