import type { EscalationDocument, EscalationState, Fault } from './documents.ts';
import type { Store } from './store.ts';

/** A ticket as the button sees it. */
export interface TicketView {
  id: string | null;
  ticket_id: number;
  state: 'none' | EscalationState;
  progress: { done: number; total: number; step: string } | null;
  issue: { url: string; iid: number; project: string; state: string; labels: string[] } | null;
  warnings: string[];
  error: Fault | null;
  /** What holds it up and goes away by itself. */
  waiting: string | null;
  requested_by: string | null;
  requested_at: string | null;
}

export async function viewTicket(store: Store, domain: string, ticket: number): Promise<TicketView> {
  const document = await store.read(domain, ticket);
  return document === null ? noEscalation(ticket) : viewEscalation(store, document);
}

export async function viewEscalation(store: Store, document: EscalationDocument): Promise<TicketView> {
  const { ticket, state, issue, warnings, error, trouble, requestedBy, requestedAt } = document;
  return {
    id: String(ticket),
    ticket_id: ticket,
    state,
    progress: await progressOf(store, document),
    issue: issue && {
      url: issue.url,
      iid: issue.iid,
      project: issue.project,
      state: issue.state,
      labels: issue.labels,
    },
    warnings,
    error,
    waiting: state === 'running' && trouble ? trouble.detail : null,
    requested_by: requestedBy,
    requested_at: new Date(requestedAt).toISOString(),
  };
}

function noEscalation(ticket: number): TicketView {
  return {
    id: null,
    ticket_id: ticket,
    state: 'none',
    progress: null,
    issue: null,
    warnings: [],
    error: null,
    waiting: null,
    requested_by: null,
    requested_at: null,
  };
}

/** Issue, link and description are a step each, besides messages and files. */
const OWN_STEPS = 3;

async function progressOf(store: Store, document: EscalationDocument): Promise<NonNullable<TicketView['progress']>> {
  const { domain, ticket, issue, note, totals, finishedAt } = document;
  if (finishedAt !== null) {
    const all = OWN_STEPS + (totals?.messages ?? 0) + (totals?.files ?? 0);
    return { done: all, total: all, step: 'done' };
  }
  if (issue === null) return { done: 0, total: 0, step: 'issue' };
  if (totals === null) return { done: note === null ? 1 : 2, total: 0, step: note === null ? 'link' : 'files' };
  const [messages, files] = await Promise.all([store.messages(domain, ticket), store.files(domain, ticket)]);
  const ended = [...files.values()].filter(file => file.state !== 'failing').length;
  const total = OWN_STEPS + totals.messages + totals.files;
  const done = Math.min(total - 1, 1 + (note === null ? 0 : 1) + messages.size + ended);
  const step = ended < totals.files ? 'files' : messages.size < totals.messages ? 'messages' : 'description';
  return { done, total, step };
}
