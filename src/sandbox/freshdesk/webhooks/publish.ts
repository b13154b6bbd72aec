import { setTimeout as wait } from 'node:timers/promises';
import { send } from '../../http/send.ts';
import type { TicketRecord, WebhookEvent, WebhookRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { defaultBody, fillPlaceholders } from './fill-placeholders.ts';

/** A wait longer than this does not count as being under way: nobody wants to sit through five minutes. */
const LONG_MS = 5_000;

/**
 * Tells every automation rule that listens. Nothing is signed, the order is not promised, and what is answered with anything
 * but 2xx is sent again after 5, 30 and 60 minutes (`webhook_retry_ms`), then never more. The body is written when the event
 * happens, not when it is sent.
 */
export function publish(world: World, ticket: TicketRecord, event: WebhookEvent, triggered: string): void {
  for (const webhook of world.webhooks.values()) {
    if (webhook.events !== null && !webhook.events.includes(event)) continue;
    const body =
      webhook.body === null ? defaultBody(ticket, triggered) : fillPlaceholders(webhook.body, ticket, triggered);
    for (const delayMs of world.faults.scheduleWebhook()) {
      const spread = Math.random() * world.settings.webhookSpreadMs;
      attempt(world, { webhook, ticketId: ticket.id, event, body }, 1, delayMs + spread);
    }
  }
}

interface Message {
  webhook: WebhookRecord;
  ticketId: number;
  event: WebhookEvent;
  body: string;
}

function attempt(world: World, message: Message, number: number, delayMs: number): void {
  const { signal } = world.life;
  const job = wait(delayMs, undefined, { signal, ref: delayMs <= LONG_MS })
    .then(() => transmit(world, message, number, signal))
    .catch((error: unknown) => {
      if (!signal.aborted) console.error('sandbox: webhook failed', error);
    })
    .finally(() => {
      world.jobs.delete(job);
    });
  if (delayMs <= LONG_MS) world.jobs.add(job);
}

async function transmit(world: World, message: Message, number: number, signal: AbortSignal): Promise<void> {
  const { webhook, ticketId, event, body } = message;
  const headers = { 'Content-Type': 'application/json', 'User-Agent': 'Freshdesk', ...webhook.headers };
  const answer = await send(webhook.url, headers, Buffer.from(body), {
    timeoutMs: world.settings.webhookTimeoutMs,
    verifyTls: true,
    signal,
  });
  if (signal.aborted) return;
  world.deliveries.push({ webhookId: webhook.id, ticketId, event, attempt: number, status: answer.status, body });
  const next = world.settings.webhookRetries[number - 1];
  if (!/^2\d\d$/.test(answer.status) && next !== undefined) attempt(world, message, number + 1, next);
}
