import { plainText } from '../present/plain-text.ts';
import type { TicketRecord } from '../state/records.ts';

const STATUS: Record<number, string> = { 2: 'Open', 3: 'Pending', 4: 'Resolved', 5: 'Closed' };

/** Fills `{{ticket.id}}` and the like into a rule's own body, without any escaping: a quote in a subject breaks the JSON. */
export function fillPlaceholders(template: string, ticket: TicketRecord, triggered: string): string {
  const values: Record<string, string> = {
    'ticket.id': String(ticket.id),
    'ticket.subject': ticket.subject ?? '',
    'ticket.status': STATUS[ticket.status] ?? String(ticket.status),
    'ticket.latest_public_comment': latestComment(ticket, false),
    'ticket.latest_private_comment': latestComment(ticket, true),
    triggered_event: triggered,
  };
  for (const [name, value] of Object.entries(ticket.customFields))
    values[`ticket.${name}`] = typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
  return template.replaceAll(/\{\{\s*([\w.]+)\s*\}\}/g, (_, name: string) => values[name] ?? '');
}

/** The body of a rule in simple mode. */
export function defaultBody(ticket: TicketRecord, triggered: string): string {
  return JSON.stringify({
    freshdesk_webhook: {
      ticket_id: ticket.id,
      ticket_subject: ticket.subject ?? '',
      ticket_latest_public_comment: latestComment(ticket, false),
      triggered_event: triggered,
    },
  });
}

function latestComment(ticket: TicketRecord, secret: boolean): string {
  const last = ticket.conversations.filter(item => item.private === secret).at(-1);
  return last === undefined ? '' : plainText(last.body);
}
