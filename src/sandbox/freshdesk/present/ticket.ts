import type { TicketRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { attachment } from './attachment.ts';
import { conversation } from './conversation.ts';
import { plainText } from './plain-text.ts';
import { time } from './time.ts';

const HOUR = 3_600_000;

/** At most so many conversations come along with `include=conversations`. */
const INCLUDED_CONVERSATIONS = 10;

/** A ticket in a list: without description and attachments, unless the description is asked for. */
export function listedTicket(world: World, ticket: TicketRecord, include: string[]): Record<string, unknown> {
  const body = include.includes('description') ? description(ticket) : {};
  return { ...common(ticket), ...body, ...extras(world, ticket, include) };
}

/** A ticket of its own. */
export function viewedTicket(world: World, ticket: TicketRecord, include: string[]): Record<string, unknown> {
  return {
    ...common(ticket),
    ...description(ticket),
    attachments: ticket.attachments.map(file => attachment(world, file)),
    ...(include.includes('conversations')
      ? { conversations: ticket.conversations.slice(0, INCLUDED_CONVERSATIONS).map(item => conversation(world, item)) }
      : {}),
    ...extras(world, ticket, include),
  };
}

function description(ticket: TicketRecord): Record<string, unknown> {
  return { description: ticket.description, description_text: plainText(ticket.description) };
}

function common(ticket: TicketRecord): Record<string, unknown> {
  return {
    cc_emails: ticket.ccEmails,
    fwd_emails: [],
    reply_cc_emails: ticket.ccEmails,
    ticket_cc_emails: ticket.ccEmails,
    fr_escalated: false,
    spam: ticket.spam,
    email_config_id: null,
    group_id: ticket.groupId,
    priority: ticket.priority,
    requester_id: ticket.requesterId,
    responder_id: ticket.responderId,
    source: ticket.source,
    company_id: ticket.companyId,
    status: ticket.status,
    subject: ticket.subject,
    association_type: null,
    support_email: ticket.toEmails?.[0] ?? null,
    to_emails: ticket.toEmails,
    product_id: ticket.productId,
    id: ticket.id,
    type: ticket.type,
    due_by: time(ticket.createdAt + 72 * HOUR),
    fr_due_by: time(ticket.createdAt + 24 * HOUR),
    is_escalated: false,
    custom_fields: ticket.customFields,
    created_at: time(ticket.createdAt),
    updated_at: time(ticket.updatedAt),
    associated_tickets_count: null,
    tags: ticket.tags,
    nr_due_by: null,
    nr_escalated: false,
    ...(ticket.archived ? { archived: true } : {}),
    // Absent from tickets that are not deleted.
    ...(ticket.deleted ? { deleted: true } : {}),
  };
}

function extras(world: World, ticket: TicketRecord, include: string[]): Record<string, unknown> {
  const requester = world.contacts.get(ticket.requesterId);
  const company = ticket.companyId === null ? undefined : world.companies.get(ticket.companyId);
  return {
    ...(include.includes('requester') && requester !== undefined
      ? {
          requester: {
            id: requester.id,
            name: requester.name,
            email: requester.email,
            mobile: null,
            phone: requester.phone,
          },
        }
      : {}),
    ...(include.includes('company')
      ? { company: company === undefined ? {} : { id: company.id, name: company.name } }
      : {}),
    ...(include.includes('stats') ? { stats: stats(ticket) } : {}),
  };
}

function stats(ticket: TicketRecord): Record<string, unknown> {
  const replies = ticket.conversations.filter(item => item.source === 0);
  const byAgents = replies.filter(item => !item.incoming);
  const byRequester = replies.filter(item => item.incoming);
  return {
    agent_responded_at: time(byAgents.at(-1)?.createdAt ?? null),
    requester_responded_at: time(byRequester.at(-1)?.createdAt ?? null),
    first_responded_at: time(byAgents[0]?.createdAt ?? null),
    status_updated_at: time(ticket.statusUpdatedAt),
    reopened_at: null,
    resolved_at: time(ticket.resolvedAt),
    closed_at: time(ticket.closedAt),
    pending_since: ticket.status === 3 ? time(ticket.statusUpdatedAt) : null,
  };
}
