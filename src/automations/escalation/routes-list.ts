import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AccessCheck } from '../../access-check.ts';
import type { Documents, StoredDocument } from '../../engine/documents/documents.ts';
import type { Json } from '../../engine/json.ts';
import { FactsIndex } from '../../engine/records/facts-index.ts';
import type { Records } from '../../engine/records/list-records.ts';
import { parseRequest } from '../../parse-request.ts';
import { type EscalationDocument, KIND, type ReturnDocument, ticketId, ticketKey } from './documents.ts';
import type { EscalationFacts, TicketFacts } from './facts.ts';
import { escalationStore } from './store.ts';
import { viewEscalation } from './view.ts';

const listQuery = z.object({
  state: z.enum(['running', 'failed', 'open', 'fixed', 'all']).default('all'),
  text: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
});

export interface EscalationListOptions {
  documents: Documents;
  records: Records;
  now: () => number;
}

/** Looked through for a page of the list. */
const MOST = 1000;

/** `GET /v1/escalations`: how far each is, whether everything came along, and which customers share an issue. */
export function escalationListRoutes(
  app: FastifyInstance,
  viewer: AccessCheck,
  { documents, records, now }: EscalationListOptions,
): void {
  const store = escalationStore(documents);
  const index = new FactsIndex({
    records,
    automation: 'escalation',
    keys: 'ticket:',
    pick: ticketIn,
    most: MOST,
    now,
  });
  app.addHook('onReady', async () => index.start());
  app.addHook('onClose', async () => index.stop());

  app.get('/v1/escalations', { config: { reads: { query: listQuery } } }, async request => {
    await viewer(request);
    const { state, text, limit } = parseRequest(listQuery, request.query);
    const stored = await documents.list<EscalationDocument>(KIND.escalation, { newest: true, limit: MOST });
    const tickets = await byId(index);
    const returned = await documents.list<ReturnDocument>(KIND.returned, { newest: true, limit: MOST });
    const closings = new Map(returned.map(({ id, body }) => [id, body.closedAt]));
    const fixed = ({ id, body, changedAt }: StoredDocument<EscalationDocument>) =>
      body.issue?.state === 'closed' ? closedAt(closings.get(id), changedAt) : null;
    const newestFirst = stored.toSorted((a, b) => b.body.requestedAt - a.body.requestedAt);
    const fitting = newestFirst.filter(({ id, body }) => fits(body, state, text?.toLowerCase(), tickets.get(id)));
    const sharing = ticketsByIssue(stored);
    return {
      escalations: await Promise.all(
        fitting.slice(0, limit).map(async each => {
          const { id, body } = each;
          const ticket = tickets.get(id);
          const others = (sharing.get(issueOf(body) ?? '') ?? []).filter(other => other !== id);
          return {
            ...(await viewEscalation(store, body)),
            key: ticketKey(body.domain, body.ticket),
            subject: ticket?.subject ?? null,
            requester: ticket?.requester ?? null,
            company: ticket?.company ?? null,
            ticket_url: ticket?.page ?? null,
            copied: body.totals,
            also_affected: others.map(other => ({
              key: `ticket:${other}`,
              company: tickets.get(other)?.company ?? tickets.get(other)?.requester ?? null,
            })),
            fixed_at: fixed(each),
          };
        }),
      ),
      total: fitting.length,
      // For the chart: from the press to the closing of the issue.
      fixes: stored.flatMap(each => {
        const at = fixed(each);
        if (at === null) return [];
        const hours = (Date.parse(at) - each.body.requestedAt) / 3_600_000;
        return [{ at, hours: Math.round(hours * 10) / 10 }];
      }),
    };
  });
}

/** What a list shows of a ticket, as it was at the last look. */
type ShownTicket = Pick<TicketFacts, 'subject' | 'requester' | 'company' | 'page'>;

function ticketIn(facts: Json): ShownTicket | null {
  const { ticket } = (facts ?? {}) as unknown as Partial<EscalationFacts>;
  if (!ticket) return null;
  const { subject, requester, company, page } = ticket;
  return { subject, requester, company, page };
}

/** By the id of their documents. */
async function byId(index: FactsIndex<ShownTicket>): Promise<Map<string, ShownTicket>> {
  return new Map([...(await index.read())].map(([key, ticket]) => [key.slice('ticket:'.length), ticket]));
}

function ticketsByIssue(stored: readonly StoredDocument<EscalationDocument>[]): Map<string, string[]> {
  const tickets = new Map<string, string[]>();
  for (const { body } of stored) {
    const issue = issueOf(body);
    if (issue !== null) tickets.set(issue, [...(tickets.get(issue) ?? []), ticketId(body.domain, body.ticket)]);
  }
  return tickets;
}

function issueOf({ issue }: EscalationDocument): string | null {
  return issue && `${issue.project}#${issue.iid}`;
}

/** When GitLab closed the issue, as the way back has seen it; else the last change of the escalation, which comes with the closing. */
function closedAt(seen: string | null | undefined, changedAt: number): string {
  const time = Date.parse(seen ?? '');
  return new Date(Number.isNaN(time) ? changedAt : time).toISOString();
}

function fits(
  body: EscalationDocument,
  state: z.infer<typeof listQuery>['state'],
  text: string | undefined,
  ticket: ShownTicket | undefined,
): boolean {
  if (state === 'running' && body.state !== 'running') return false;
  if (state === 'failed' && body.state !== 'failed') return false;
  if (state === 'open' && body.issue?.state !== 'opened') return false;
  if (state === 'fixed' && body.issue?.state !== 'closed') return false;
  if (text === undefined || text === '') return true;
  const words = [String(body.ticket), issueOf(body), ticket?.subject, ticket?.company, ticket?.requester];
  return words.some(each => each?.toLowerCase().includes(text));
}
