import { z } from 'zod';
import type { Delivery, Signal } from '../../engine/intake/delivery.ts';
import { ticketKey } from './documents.ts';

const number = z
  .union([z.number(), z.string().regex(/^\d{1,15}$/)])
  .transform(Number)
  .pipe(z.int().positive());

/** What a rule in Freshdesk sends: our own `{"ticket_id": …}`, or its default shape. Nothing else in it is believed. */
const hint = z.union([
  z.object({ ticket_id: number }).transform(({ ticket_id }) => ticket_id),
  z.object({ freshdesk_webhook: z.object({ ticket_id: number }) }).transform(each => each.freshdesk_webhook.ticket_id),
]);

/** So long after a hint the ticket is read: messages come in bursts, and a hint comes before its message can be read. */
const SETTLE = 20_000;

/** A webhook of Freshdesk only says which ticket to look at again. */
export function escalationSignals(delivery: Delivery, domain: string): Signal[] {
  if (delivery.source !== 'freshdesk') return [];
  const ticket = hint.safeParse(delivery.payload);
  if (!ticket.success) return [];
  const key = ticketKey(domain, ticket.data);
  return [{ key, reason: 'Freshdesk says that the ticket has changed', dueAt: delivery.receivedAt + SETTLE }];
}
