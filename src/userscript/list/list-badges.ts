import { mayListTickets } from '../page/ticket-id.ts';
import type { Client } from '../service/client.ts';
import type { Escalation } from '../service/escalation.ts';
import { createBadge } from './badge.ts';
import { findTicketLinks } from './find-rows.ts';

/** How long an answer is good for, and how long the service is left alone after it gave none. */
const FRESH = 60_000;
const PATIENCE = 30_000;
const AT_ONCE = 100;

interface Known {
  escalation: Escalation | null;
  at: number;
}

interface Shown {
  node: HTMLElement;
  as: string;
}

/** Marks the tickets of a list that are escalated already. What the service does not answer leaves no trace. */
export function createListBadges(client: Client): { look(): void; refresh(): void; remove(): void } {
  const known = new Map<number, Known>();
  const shown = new Map<number, Shown>();
  let silentUntil = 0;
  let asking = false;

  function look(): void {
    const links = mayListTickets(location.pathname) ? findTicketLinks() : new Map<number, HTMLAnchorElement>();
    for (const [ticket, badge] of shown) {
      if (links.has(ticket)) continue;
      badge.node.remove();
      shown.delete(ticket);
    }
    for (const [ticket, link] of links) show(ticket, link);
    const now = Date.now();
    const asked = [...links.keys()].filter(ticket => now - (known.get(ticket)?.at ?? 0) > FRESH);
    if (asked.length > 0 && !asking && now >= silentUntil && !document.hidden) void ask(asked.slice(0, AT_ONCE));
  }

  /** Lists use their rows again for other tickets: a badge that does not stand behind its link is moved there. */
  function show(ticket: number, link: HTMLAnchorElement): void {
    const escalation = known.get(ticket)?.escalation ?? null;
    const as = JSON.stringify(escalation);
    let badge = shown.get(ticket);
    if (badge && badge.as !== as) {
      badge.node.remove();
      shown.delete(ticket);
      badge = undefined;
    }
    if (!badge && escalation) {
      const node = createBadge(escalation, link);
      if (node === null) return;
      badge = { node, as };
      shown.set(ticket, badge);
    }
    if (badge && badge.node.previousElementSibling !== link) link.after(badge.node);
  }

  async function ask(tickets: number[]): Promise<void> {
    asking = true;
    const answer = await client.tickets(tickets);
    asking = false;
    const at = Date.now();
    if (answer.kind !== 'value') {
      silentUntil = at + PATIENCE;
      return;
    }
    const answered = new Map(answer.value.map(each => [each.ticket, each]));
    for (const ticket of tickets) known.set(ticket, { escalation: answered.get(ticket) ?? null, at });
    look();
  }

  return {
    look,
    refresh: () => {
      silentUntil = 0;
      for (const each of known.values()) each.at = 0;
      look();
    },
    remove: () => {
      for (const badge of shown.values()) badge.node.remove();
      shown.clear();
    },
  };
}
