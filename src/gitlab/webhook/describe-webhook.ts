import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * What the headers of a GitLab webhook say about the delivery. `webhook-id` (19+) equals `Idempotency-Key` (17.4+) and stays
 * the same when a delivery is sent again; older versions send neither, there the event and the body stand in for them.
 * `X-Gitlab-Webhook-UUID` is of no use here: it is new with every request.
 */
export function describeWebhook(
  headers: IncomingHttpHeaders,
  body: Uint8Array,
): { dedupeKey: string; event: string; chain: string | null } {
  const event = header(headers, 'x-gitlab-event') ?? '';
  const sent = header(headers, 'webhook-id') ?? header(headers, 'idempotency-key');
  return {
    dedupeKey: sent ?? `sha256:${hash('sha256', Buffer.concat([Buffer.from(`${event}\n`), body]), 'hex')}`,
    event,
    chain: header(headers, 'x-gitlab-event-uuid') ?? null,
  };
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined || first === '' ? undefined : first.slice(0, 200);
}
