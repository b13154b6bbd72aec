import { createHash } from 'node:crypto';
import { inlineText } from '../../../gitlab/text/inline-text.ts';
import { link } from '../../../gitlab/text/link.ts';
import { blocks, inline, markdown } from '../../../gitlab/text/markdown.ts';
import { marker } from '../../../gitlab/text/marker.ts';
import { table } from '../../../gitlab/text/table.ts';
import { ticketId } from '../documents.ts';
import type { IssueFacts, ReturnFacts, ReturnTicket, SupportComment } from './facts.ts';

export const CUSTOMERS_MARKER = 'escalation-customers';

/** What our note on a ticket says of the issue, besides its state and labels. Plain text. */
export function noteLines({ milestone, closedAt, state, movedTo, duplicateOf, fixes, shipped }: IssueFacts): string[] {
  return [
    ...(milestone === null
      ? []
      : [`Milestone: ${milestone.title}${milestone.due === null ? '' : ` (due ${milestone.due})`}`]),
    ...(state === 'closed' && closedAt !== null ? [`Closed on ${day(closedAt)}`] : []),
    ...(duplicateOf === null ? [] : [`Closed as a duplicate of ${duplicateOf}: please look there, too`]),
    ...(movedTo === null
      ? []
      : ['The issue was moved to a place that Signalbox may not see: please link the ticket anew']),
    ...fixes.map(({ name, state: fate, target, mergedAt }) =>
      fate === 'merged' && mergedAt !== null
        ? `${name} was merged into ${target} on ${day(mergedAt)}`
        : `${name} into ${target} is ${fate === 'locked' ? 'being merged' : fate === 'opened' ? 'open' : fate}`,
    ),
    ...shipped.map(
      ({ product, version, environment, at }) =>
        `Fix shipped in ${product} ${version} (${environment}, ${day(new Date(at).toISOString())})`,
    ),
  ];
}

/** How the issue stands in one word or two, for a field of the ticket. */
export function statusWord(issue: IssueFacts, { statuses, releasedIn }: ReturnFacts['settings']): string {
  const release = issue.shipped.find(each => releasedIn.includes(each.environment));
  if (release) return `Released ${release.version}`;
  if (issue.state === 'closed') return 'Closed';
  return statuses.findLast(label => issue.labels.includes(label)) ?? 'Open';
}

/** The comment on the issue that lists its tickets: ours, edited when another one comes. */
export function renderCustomers(
  key: string,
  tickets: readonly ReturnTicket[],
  customers: Record<string, string>,
): string {
  const rows = tickets.map(ticket => [
    link(`#${ticket.ticket}`, ticket.page),
    inlineText(customers[ticketId(ticket.domain, ticket.ticket)] ?? ''),
  ]);
  return blocks(
    markdown`**${tickets.length} tickets** of customers are affected by this.`,
    table([inline`Ticket`, inline`Customer`], rows),
    marker({ kind: CUSTOMERS_MARKER, key }),
  );
}

export function customersDigest(tickets: readonly ReturnTicket[], customers: Record<string, string>): string {
  return digest(
    JSON.stringify(
      tickets.map(({ domain, ticket }) => [ticketId(domain, ticket), customers[ticketId(domain, ticket)] ?? '']),
    ),
  );
}

/** By which the copy of a comment is found: Freshdesk takes comments out of HTML, so people see it. */
export function supportReference(issue: { project: string; iid: number }, note: number): string {
  return `Signalbox: comment ${note} of ${issue.project}#${issue.iid}`;
}

/** A comment for the support as a private note of the ticket. Its Markdown is shown as it was written. */
export function renderSupport(
  { author, text }: Pick<SupportComment, 'author' | 'text'>,
  reference: string,
  url: string,
): string {
  const lines = text.split('\n').map(escapeHtml).join('<br>');
  return `<div><b>${escapeHtml(author)} from development:</b></div><div>${lines}</div><div><small><a href="${escapeHtml(url)}" rel="noreferrer">${escapeHtml(reference)}</a></small></div>`;
}

export function renderWithdrawn(reference: string): string {
  return `<div><i>This comment was withdrawn in GitLab.</i></div><div><small>${escapeHtml(reference)}</small></div>`;
}

const SUPPORT = /^\s*support:[ \t]*/i;

/** What a comment says to the support; null where it is not for it. */
export function supportText(body: string): string | null {
  return SUPPORT.test(body) ? body.replace(/\r\n?/g, '\n').replace(SUPPORT, '').trim() || null : null;
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function day(time: string): string {
  return time.slice(0, 10);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}
