import type { Ticket } from '../../freshdesk/client/schemas.ts';
import { readMarker } from '../../gitlab/text/marker.ts';
import type { EscalationContext } from './context.ts';
import { digestOf } from './digest.ts';
import { type EscalatedIssue, type EscalationDocument, ticketKey } from './documents.ts';
import { findComments, isOurNote, MARKER } from './find-ours.ts';
import { linkWarnings, parseIssue } from './link.ts';

/** What is remembered of a ticket again. */
export interface FoundOnTicket extends Pick<EscalationDocument, 'linked' | 'note' | 'descriptionDigest' | 'warnings'> {
  issue: EscalatedIssue;
}

/**
 * The issue that our own note on a ticket names, for a database that has forgotten it: a linked issue carries no marker in its
 * description, and no list of our issues has it. Anybody's note may name an issue, so it counts only where a marker of ours about this
 * ticket stands in it. Looked for where the ticket has our tag, so that a first press does not have to wait for it.
 */
export async function findOnTicket(
  ticket: Ticket,
  { freshdesk, gitlab, settings }: Pick<EscalationContext, 'freshdesk' | 'gitlab' | 'settings'>,
): Promise<FoundOnTicket | null> {
  if (settings.tag !== null && !(ticket.tags ?? []).includes(settings.tag)) return null;
  const [agent, me, conversations] = await Promise.all([
    freshdesk.people.me(),
    gitlab.me(),
    freshdesk.tickets.conversations(ticket.id, ticket.archived === true),
  ]);
  const key = ticketKey(freshdesk.domain, ticket.id);
  for (const note of conversations.filter(each => isOurNote(each, agent.id, ticket.id))) {
    const named = REFERENCE.exec(note.body_text ?? note.body ?? '')?.[1];
    const parsed = named === undefined ? null : parseIssue(named, gitlab.url);
    const issue = parsed && (await gitlab.issueTexts.find(parsed.project, parsed.iid));
    if (!parsed || !issue) continue;
    const description = issue.description ?? '';
    const isOurs = issue.author?.id === me.id && readMarker(description, MARKER.issue)?.key === key;
    if (!isOurs && findComments(await gitlab.issues.notes(parsed.project, parsed.iid), key, me.id).length === 0)
      continue;
    return {
      issue: { ...parsed, url: issue.web_url, state: issue.state, labels: issue.labels },
      linked: !isOurs,
      warnings: isOurs ? [] : linkWarnings(parsed, issue, settings),
      note: { id: note.id, digest: '' },
      descriptionDigest: isOurs ? digestOf(description) : null,
    };
  }
  return null;
}

const REFERENCE = /Signalbox: ticket \d+ is ([\w./-]+#\d+)/;
