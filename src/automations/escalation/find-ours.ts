import type { Conversation } from '../../freshdesk/client/schemas.ts';
import type { Redaction } from '../../freshdesk/mail/mail-converter.ts';
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

/** One of our comments: which messages it holds, and what was taken out of them. */
export interface FoundComment {
  messages: number[];
  note: number;
  removed: Redaction[];
}

/** `password=2,private key=1`, as the marker has it. */
function readRemoved(text = ''): Redaction[] {
  return text.split(',').flatMap(each => {
    const [, rule, count] = /^([^=]+)=(\d{1,6})$/.exec(each) ?? [];
    return rule === undefined ? [] : [{ rule, count: Number(count) }];
  });
}

/** Our comments about this ticket: which messages each holds, oldest first. */
export function findComments(notes: readonly Note[], key: string, me: number): FoundComment[] {
  return notes.flatMap(note => {
    if (note.author.id !== me || note.system) return [];
    const marker = readMarker(note.body, MARKER.comment);
    if (marker?.key !== key) return [];
    const messages = (marker.fields['messages'] ?? '').split('.').filter(text => text !== '');
    return [{ messages: messages.map(Number), note: note.id, removed: readRemoved(marker.fields['removed']) }];
  });
}

/** What our note on a ticket shows, and by which it is found: Freshdesk takes comments out of HTML, so people see it. */
export function noteReference({ project, iid }: Pick<EscalatedIssue, 'project' | 'iid'>, ticket: number): string {
  return `Signalbox: ticket ${ticket} is ${project}#${iid}`;
}

/** Whether we wrote it: the link with the issue, or a comment that the return path has copied. */
export function isOurs(note: Conversation, me: number): boolean {
  if (note.user_id !== me || !note.private || note.incoming) return false;
  return /Signalbox: (?:ticket|comment) \d+ (?:is|of) /.test(`${note.body_text ?? ''} ${note.body ?? ''}`);
}

/** Whether one of our agent's notes is the one that links the ticket with an issue, this one or any. */
export function isOurNote(note: Conversation, me: number, ticket: number): boolean {
  if (note.user_id !== me || !note.private || note.incoming) return false;
  return `${note.body_text ?? ''} ${note.body ?? ''}`.includes(`Signalbox: ticket ${ticket} is `);
}
