import type { Conversation } from '../../freshdesk/client/schemas.ts';
import type { WrittenIssue } from '../../gitlab/client/issue-texts.ts';
import type { Note } from '../../gitlab/client/schemas.ts';
import { readMarker } from '../../gitlab/text/marker.ts';
import type { EscalatedIssue } from './documents.ts';

/** The kinds of our markers. */
export const MARKER = { issue: 'escalation', comment: 'escalation-comment' } as const;

/** The oldest issue of ours that says it is about this ticket. */
export function findIssue(issues: readonly WrittenIssue[], key: string, me: number): WrittenIssue | undefined {
  return issues
    .filter(issue => issue.author?.id === me && readMarker(issue.description ?? '', MARKER.issue)?.key === key)
    .toSorted((a, b) => a.iid - b.iid)[0];
}

/** Our comments about this ticket: which messages each holds, oldest first. */
export function findComments(notes: readonly Note[], key: string, me: number): { messages: number[]; note: number }[] {
  return notes.flatMap(note => {
    if (note.author.id !== me || note.system) return [];
    const marker = readMarker(note.body, MARKER.comment);
    if (marker?.key !== key) return [];
    const messages = (marker.fields['messages'] ?? '').split('.').filter(text => text !== '');
    return [{ messages: messages.map(Number), note: note.id }];
  });
}

/** What our note on a ticket shows, and by which it is found: Freshdesk takes comments out of HTML, so people see it. */
export function noteReference({ project, iid }: Pick<EscalatedIssue, 'project' | 'iid'>, ticket: number): string {
  return `Signalbox: ticket ${ticket} is ${project}#${iid}`;
}

/** Whether one of our agent's notes is the one that links the ticket with an issue, this one or any. */
export function isOurNote(note: Conversation, me: number, ticket: number): boolean {
  if (note.user_id !== me || !note.private || note.incoming) return false;
  return `${note.body_text ?? ''} ${note.body ?? ''}`.includes(`Signalbox: ticket ${ticket} is `);
}
