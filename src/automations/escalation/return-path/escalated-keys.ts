import { type EscalationDocument, issueKey, KIND, parseTicketId, ticketKey } from '../documents.ts';
import type { ReturnContext } from './return-context.ts';

const DAY = 24 * 60 * 60_000;
/** A closed issue is looked at so long after its copy was complete. */
const SETTLED = 90 * DAY;
const PAGE = 500;

/** Keys of the issues that still matter to a ticket, and of the tickets whose later messages follow. */
export async function escalatedKeys(
  { store, freshdesk }: ReturnContext,
  now: number,
): Promise<{ issues: string[]; tickets: string[] }> {
  const issues = new Set<string>();
  const tickets: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await store.documents.list<EscalationDocument>(KIND.escalation, {
      limit: PAGE,
      ...(after && { after }),
    });
    for (const { id, body } of page) {
      const ticket = parseTicketId(id);
      if (body.issue === null || ticket?.domain !== freshdesk.domain) continue;
      const isSettled = body.issue.state === 'closed' && now - (body.finishedAt ?? now) > SETTLED;
      if (isSettled) continue;
      issues.add(issueKey(body.issue));
      if (body.follow) tickets.push(ticketKey(ticket.domain, ticket.ticket));
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE) return { issues: [...issues], tickets };
  }
}
