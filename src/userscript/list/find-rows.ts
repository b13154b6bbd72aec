import { ticketIdOf } from '../page/ticket-id.ts';

/** The link by which a list names a ticket, for each ticket in it: the first one with a text, since pictures link too. */
export function findTicketLinks(): Map<number, HTMLAnchorElement> {
  const links = new Map<number, HTMLAnchorElement>();
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href*="/a/tickets/"]')) {
    if (link.origin !== location.origin || link.textContent?.trim() === '') continue;
    const ticket = ticketIdOf(link.pathname);
    if (ticket !== null && !links.has(ticket)) links.set(ticket, link);
  }
  return links;
}
