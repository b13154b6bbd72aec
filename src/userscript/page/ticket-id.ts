/** The ticket that is open, from the address alone: the page keeps the nodes of the ticket before for a while. */
export function ticketIdOf(pathname: string): number | null {
  const match = /^\/a\/tickets\/(\d{1,15})(?:\/|$)/.exec(pathname);
  return match ? Number(match[1]) : null;
}

/** Whether the address is a page of the agents that may list tickets: the lists, a search, the dashboard, a contact. */
export function mayListTickets(pathname: string): boolean {
  return pathname.startsWith('/a/') && ticketIdOf(pathname) === null;
}
