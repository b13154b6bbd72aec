import { notFound, validationFailed } from '../http/api-error.ts';
import { type Answer, type Call, included } from '../http/call.ts';
import { checkInput, text } from '../http/input.ts';
import { paginate } from '../http/paginate.ts';
import { cleanHtml } from '../present/plain-text.ts';
import { listedTicket, viewedTicket } from '../present/ticket.ts';
import { addTicket, addUploads } from '../state/add.ts';
import { changeableTicketOf, ticketOf } from '../state/find.ts';
import type { TicketRecord } from '../state/records.ts';
import { publish } from '../webhooks/publish.ts';

export function viewTicket(call: Call): Answer {
  const include = included(call.url);
  checkIncludes(include, ['conversations', 'requester', 'company', 'stats', 'sla_policy']);
  return { status: 200, body: viewedTicket(call.world, ticketOf(call), include) };
}

export function viewArchived(call: Call): Answer {
  return { status: 200, body: viewedTicket(call.world, ticketOf(call, true), included(call.url)) };
}

/** Without spam, deleted and archived ones unless `filter=spam|deleted`; newest first unless `order_by`, `order_type`. */
export function listTickets(call: Call): Answer {
  const { searchParams: query } = call.url;
  const include = included(call.url);
  checkIncludes(include, ['description', 'requester', 'company', 'stats']);
  const filter = query.get('filter');
  const since = Date.parse(query.get('updated_since') ?? '1970-01-01');
  if (Number.isNaN(since))
    throw validationFailed([
      {
        field: 'updated_since',
        message: "It should be in the 'combined date and time ISO8601' format",
        code: 'invalid_value',
      },
    ]);
  const wanted = (name: string, have: unknown) => query.get(name) === null || query.get(name) === String(have);
  const emailOf = (ticket: TicketRecord) => call.world.contacts.get(ticket.requesterId)?.email;
  const order = query.get('order_by') ?? 'created_at';
  const value = (ticket: TicketRecord) =>
    order === 'updated_at' ? ticket.updatedAt : order === 'status' ? ticket.status : ticket.createdAt;
  const sign = query.get('order_type') === 'asc' ? 1 : -1;
  const found = [...call.world.tickets.values()]
    .filter(
      ticket => !ticket.archived && ticket.spam === (filter === 'spam') && ticket.deleted === (filter === 'deleted'),
    )
    .filter(ticket => ticket.updatedAt >= since && wanted('requester_id', ticket.requesterId))
    .filter(ticket => wanted('company_id', ticket.companyId) && wanted('email', emailOf(ticket)))
    .filter(ticket => call.agent.ticketScope === 1 || ticket.responderId === call.agent.id)
    .sort((a, b) => sign * (value(a) - value(b) || a.id - b.id));
  const { page, headers } = paginate(found, call.url, call.world.baseUrl);
  return { status: 200, body: page.map(ticket => listedTicket(call.world, ticket, include)), headers };
}

export function createTicket(call: Call): Answer {
  const { world } = call;
  checkInput(
    call,
    {
      subject: 'String',
      description: 'String',
      email: 'String',
      status: 'Positive Integer',
      priority: 'Positive Integer',
      source: 'Positive Integer',
      type: 'String',
      tags: 'Array',
      custom_fields: 'Key/Value Pair',
      attachments: 'Array',
    },
    ['subject', 'description', 'email'],
  );
  const requester = [...world.contacts.values()].find(item => item.email === text(call, 'email'));
  if (requester === undefined)
    throw validationFailed([
      { field: 'email', message: 'There is no contact matching the given email', code: 'invalid_value' },
    ]);
  const ticket = addTicket(world, {
    subject: text(call, 'subject') ?? null,
    description: cleanHtml(text(call, 'description') ?? ''),
    requesterId: requester.id,
    source: 2,
    attachments: addUploads(world, call.files),
  });
  for (const field of ['status', 'priority', 'source'] as const) {
    if (call.input[field] !== undefined) ticket[field] = Number(call.input[field]);
  }
  Object.assign(ticket.customFields, call.input['custom_fields']);
  ticket.tags = Array.isArray(call.input['tags']) ? call.input['tags'].map(String) : [];
  publish(world, ticket, 'ticket_created', '{ticket_action:created}');
  return {
    status: 201,
    body: viewedTicket(world, ticket, []),
    headers: { Location: `${world.baseUrl}/api/v2/tickets/${ticket.id}` },
  };
}

export function deleteTicket(call: Call): Answer {
  changeableTicketOf(call).deleted = true;
  return { status: 204 };
}

export function restoreTicket(call: Call): Answer {
  const ticket = ticketOf(call);
  if (!ticket.deleted) throw notFound();
  ticket.deleted = false;
  return { status: 204 };
}

function checkIncludes(include: string[], known: string[]): void {
  if (include.every(name => known.includes(name))) return;
  const message = `It should be one of these values: '${known.join(',')}'`;
  throw validationFailed([{ field: 'include', message, code: 'invalid_value' }]);
}
