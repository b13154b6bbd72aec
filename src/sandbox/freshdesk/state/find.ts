import { accessDenied, notAllowed, notFound } from '../http/api-error.ts';
import { type Call, idOf } from '../http/call.ts';
import type { ConversationRecord, TicketRecord } from './records.ts';

/** The ticket of a path. Archived ones are only found under `/tickets/archived`. 404 with an empty body, 403 beyond the scope. */
export function ticketOf(call: Call, archived = false): TicketRecord {
  const ticket = call.world.tickets.get(idOf(call));
  if (ticket === undefined || ticket.archived !== archived) throw notFound();
  if (call.agent.ticketScope !== 1 && ticket.responderId !== call.agent.id) throw accessDenied();
  return ticket;
}

/** A ticket that may be changed: 405 when it is spam or in the bin. */
export function changeableTicketOf(call: Call): TicketRecord {
  const ticket = ticketOf(call);
  if (ticket.spam || ticket.deleted) throw notAllowed(call.method, ['GET']);
  return ticket;
}

/** A conversation with its ticket, by the id in the path. */
export function conversationOf(call: Call): { ticket: TicketRecord; conversation: ConversationRecord } {
  const id = idOf(call);
  for (const ticket of call.world.tickets.values()) {
    const conversation = ticket.conversations.find(item => item.id === id);
    if (conversation !== undefined) return { ticket, conversation };
  }
  throw notFound();
}
