import type { Decision, PlannedAction } from '../../../engine/automation.ts';
import { type EscalatedIssue, issueKey } from '../documents.ts';
import type { IssueFacts, ReturnFacts, ReturnTicket } from './facts.ts';
import { customersDigest, noteLines, statusWord } from './render-return.ts';

interface OnTicket {
  domain: string;
  ticket: number;
}

export type ReturnAction = PlannedAction &
  (
    | ({ type: 'support'; note: number; digest: string; conversation: number | null } & OnTicket)
    | ({ type: 'withdraw'; note: number; conversation: number } & OnTicket)
    | ({ type: 'status'; status: number; closedAt: string | null; released: string[] } & OnTicket)
    | ({ type: 'seen'; closedAt: string | null; released: string[] } & OnTicket)
    | ({ type: 'field'; field: string; value: string } & OnTicket)
    | ({ type: 'note'; issue: EscalatedIssue; lines: string[] } & OnTicket)
    | { type: 'customers'; note: number | null; internal: boolean }
    | { type: 'move'; to: EscalatedIssue }
  );

export type ReturnDecision = Decision<ReturnAction, null>;

/** What of the issue is not on its tickets yet. The same facts always come to nothing once it is done. */
export function decide(facts: ReturnFacts): ReturnDecision {
  const { tickets, issue } = facts;
  const name = `${facts.project}#${facts.iid}`;
  if (issue === undefined) {
    return {
      verdict: 'has nothing to bring back',
      because: ['No ticket belongs to this issue, or it is still being copied.'],
      actions: [],
    };
  }
  const because = [`${tickets.length === 1 ? 'One ticket belongs' : `${tickets.length} tickets belong`} to it.`];
  if (issue === null) {
    const gone = tickets.flatMap(ticket =>
      noteActions(ticket, ticket.issue, ['The issue is not there any more, or Signalbox may not see it.']),
    );
    return { verdict: `${name} is gone`, because: [...because, 'GitLab does not show it any more.'], actions: gone };
  }
  if (issue.movedTo?.issue) return decideMoved(issue.movedTo.issue, because);
  const actions = [...tickets.flatMap(ticket => ticketActions(ticket, issue, facts)), ...customerActions(facts, issue)];
  return {
    verdict: actions.length === 0 ? `the tickets of ${name} are up to date` : `${name} comes back to its tickets`,
    because: [...because, ...noteLines(issue)],
    actions,
  };
}

/** The tickets go with the issue, whose new place then looks after them. */
function decideMoved(to: EscalatedIssue, because: string[]): ReturnDecision {
  const where = `${to.project}#${to.iid}`;
  return {
    verdict: `was moved to ${where}`,
    because: [...because, 'GitLab has moved the issue; the tickets belong to the new one now.'],
    actions: [{ type: 'move', to, summary: `let the tickets belong to ${where}` }],
    alsoLookAt: [{ key: issueKey(to), reason: 'an escalated issue was moved here' }],
  };
}

function ticketActions(ticket: ReturnTicket, issue: IssueFacts, facts: ReturnFacts): ReturnAction[] {
  const seen: EscalatedIssue = { ...ticket.issue, url: issue.url, state: issue.state, labels: issue.labels };
  return [
    ...supportActions(ticket, issue),
    // Before the note: it holds the state by which a closing is known to be new.
    ...statusActions(ticket, issue, facts.settings),
    ...fieldActions(ticket, issue, facts.settings),
    ...noteActions(ticket, seen, noteLines(issue)),
  ];
}

function noteActions(ticket: ReturnTicket, issue: EscalatedIssue, lines: string[]): ReturnAction[] {
  if (ticket.shown && isSame(ticket.issue, issue) && isSame(ticket.lines, lines)) return [];
  const summary = `edit our note on ticket ${ticket.ticket}`;
  return [{ type: 'note', ...onTicket(ticket), issue, lines, summary }];
}

function supportActions(ticket: ReturnTicket, issue: IssueFacts): ReturnAction[] {
  const copied = ticket.returned?.supports ?? {};
  const wanted = issue.support.flatMap(({ id: note, digest }): ReturnAction[] => {
    const before = copied[note];
    if (before?.digest === digest) return [];
    const summary = `${before ? 'edit the copy of' : 'copy'} comment ${note} on ticket ${ticket.ticket}`;
    return [
      { type: 'support', ...onTicket(ticket), note, digest, conversation: before?.conversation ?? null, summary },
    ];
  });
  const there = new Set(issue.support.map(({ id }) => String(id)));
  const gone = Object.entries(copied).filter(([note, { digest }]) => !there.has(note) && digest !== WITHDRAWN);
  return [
    ...wanted,
    ...gone.map(([note, { conversation }]): ReturnAction => {
      const summary = `say on ticket ${ticket.ticket} that comment ${note} was withdrawn`;
      return { type: 'withdraw', ...onTicket(ticket), note: Number(note), conversation, summary };
    }),
  ];
}

/** In place of the digest of a comment that is not there any more. */
export const WITHDRAWN = 'withdrawn';

/** A closing, and a release with the fix in it, make it the agent's turn once each. */
function statusActions(ticket: ReturnTicket, issue: IssueFacts, settings: ReturnFacts['settings']): ReturnAction[] {
  const { returned } = ticket;
  const known = returned?.released ?? [];
  const released = issue.shipped.filter(
    each => settings.releasedIn.includes(each.environment) && !known.includes(each.id),
  );
  const closing = issue.state === 'closed' ? (issue.closedAt ?? 'closed') : null;
  const isNews = closing !== null && returned?.closedAt !== closing;
  // A ticket that was linked to an issue closed before: that is no closing.
  const wasClosed = returned === null && ticket.issue.state === 'closed';
  if (!isNews && released.length === 0) return [];
  const record = { closedAt: closing ?? returned?.closedAt ?? null, released: released.map(each => each.id) };
  const { closedStatus: status } = settings;
  if (status === null || (released.length === 0 && wasClosed)) {
    return [{ type: 'seen', ...onTicket(ticket), ...record, summary: `remember that the issue is closed` }];
  }
  const why = released.length > 0 ? 'the fix is released' : 'the issue is closed';
  const summary = `set the status of ticket ${ticket.ticket} to ${status}: ${why}`;
  return [{ type: 'status', ...onTicket(ticket), status, ...record, summary }];
}

function fieldActions(ticket: ReturnTicket, issue: IssueFacts, settings: ReturnFacts['settings']): ReturnAction[] {
  const { statusField: field } = settings;
  const value = statusWord(issue, settings);
  if (field === null || ticket.returned?.field === value) return [];
  return [
    {
      type: 'field',
      ...onTicket(ticket),
      field,
      value,
      summary: `set ${field} of ticket ${ticket.ticket} to ${value}`,
    },
  ];
}

function customerActions({ tickets, customers, customersNote }: ReturnFacts, issue: IssueFacts): ReturnAction[] {
  if (customers === undefined || tickets.length < 2) return [];
  if (customersNote?.digest === customersDigest(tickets, customers)) return [];
  const summary = `list ${tickets.length} affected customers on the issue`;
  // Whoever may see a confidential issue may see them; elsewhere they are for members only.
  return [{ type: 'customers', note: customersNote?.note ?? null, internal: !issue.confidential, summary }];
}

function onTicket({ domain, ticket }: ReturnTicket): OnTicket {
  return { domain, ticket };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
