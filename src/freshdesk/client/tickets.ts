import type { FreshdeskApi } from './freshdesk-api.ts';
import {
  type Conversation,
  conversationSchema,
  type ListedTicket,
  listedTicketSchema,
  type Ticket,
  ticketSchema,
} from './schemas.ts';

/** Tickets, what is said in them, and the little that we write. */
export function ticketCalls(api: FreshdeskApi) {
  return {
    /** With requester and company; null where there is none or the key may not see it. A ticket that is archived is looked for there. */
    find: async (id: number): Promise<Ticket | null> => {
      const query = { include: 'requester,company' };
      const ticket = await api.find(ticketSchema, `/tickets/${id}`, query);
      if (ticket !== null) return ticket;
      const archived = await api.find(ticketSchema, `/tickets/archived/${id}`, query);
      return archived && { ...archived, archived: true };
    },

    /** All of them, oldest first. */
    conversations: async (id: number, archived: boolean): Promise<Conversation[]> => {
      const rows = await api.all(conversationSchema, `/tickets/${archived ? 'archived/' : ''}${id}/conversations`);
      return (rows ?? []).toSorted((a, b) => a.created_at.localeCompare(b.created_at) || a.id - b.id);
    },

    /** What has changed since, ms; oldest change first. Mind that lists have a small budget of their own. */
    changedSince: async (since: number): Promise<ListedTicket[]> => {
      const query = {
        updated_since: new Date(since).toISOString(),
        order_by: 'updated_at',
        order_type: 'asc',
      };
      return (await api.all(listedTicketSchema, '/tickets', query)) ?? [];
    },

    createNote: (id: number, html: string, signal?: AbortSignal): Promise<Conversation> =>
      api.write('POST', conversationSchema, `/tickets/${id}/notes`, { body: html, private: true }, signal),

    /** Only notes can be edited; replies have left the house. */
    editNote: (note: number, html: string, signal?: AbortSignal): Promise<Conversation> =>
      api.write('PUT', conversationSchema, `/conversations/${note}`, { body: html }, signal),

    /**
     * Sets what is given. Freshdesk checks the whole ticket form with it: a 400 may be about a field that has nothing to do with the
     * change.
     */
    update: (
      id: number,
      changes: { tags?: readonly string[]; status?: number; custom_fields?: Record<string, unknown> },
      signal?: AbortSignal,
    ): Promise<Ticket> => api.write('PUT', ticketSchema, `/tickets/${id}`, changes, signal),
  };
}
