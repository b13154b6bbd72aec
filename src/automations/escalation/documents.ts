/** What the escalation remembers, as documents of the engine: one kind each, with what its id is. */
export const KIND = {
  /** `<domain>/<ticket>` → EscalationDocument */
  escalation: 'escalation',
  /** `<domain>/<ticket>/<conversation>` → MessageDocument: it is in a comment */
  message: 'escalation-message',
  /** `<domain>/<ticket>/<file>` → FileDocument */
  file: 'escalation-file',
  /** `<project>#<iid>` → IssueTicketsDocument */
  issue: 'escalation-issue',
  /** project → IndexDocument */
  index: 'escalation-index',
  /** `<domain>/<ticket>` → ReturnDocument: what the issue has brought about on the ticket */
  returned: 'escalation-return',
  /** `<project>#<iid>` → CustomersDocument */
  customers: 'escalation-customers',
} as const;

export type EscalationState = 'running' | 'done' | 'done_with_warnings' | 'failed';

/** The issue that a ticket belongs to, as we last saw it. */
export interface EscalatedIssue {
  project: string;
  iid: number;
  url: string;
  state: 'opened' | 'closed';
  labels: string[];
}

export interface Fault {
  code: string;
  detail: string;
}

/** What one comment holds: fixed before the first is written, so that it is the same after a crash. */
export interface Part {
  /** Numbers of conversations in their order; 0 is the ticket's own text. */
  messages: number[];
  internal: boolean;
}

export interface EscalationDocument {
  domain: string;
  ticket: number;
  project: string;
  requestedBy: string;
  /** Milliseconds since 1970, as all times here. */
  requestedAt: number;
  state: EscalationState;
  /** Why it failed; pressed again, it is tried again. */
  error: Fault | null;
  /** What holds it up and goes away by itself. */
  trouble: Fault | null;
  issue: EscalatedIssue | null;
  /** The issue was there before and is not ours: its description is left alone. */
  linked: boolean;
  /** Later messages are added, too. */
  follow: boolean;
  /** Our one note on the ticket. */
  note: { id: number; digest: string } | null;
  /** More lines of that note, as the return path has them. */
  noteLines?: string[];
  /** What became of tag and field; null while it is to be done. */
  marked: 'done' | 'refused' | null;
  parts: Part[] | null;
  /** What there is to copy, where it is known. */
  totals: { messages: number; files: number } | null;
  /** Of the description that we wrote last; an issue with another one was edited by somebody. */
  descriptionDigest: string | null;
  /** What the description says of completeness. */
  described: string | null;
  /** Sentences for people. */
  warnings: string[];
  /** Made anew from the markers: what was copied has to be looked for. */
  rebuilt: boolean;
  finishedAt: number | null;
}

export interface MessageDocument {
  /** The comment in GitLab. */
  note: number;
  /** What was taken out of the comment, with its first message. */
  removed?: { rule: string; count: number }[];
  /** Of the text that was copied; another one was edited since. Unknown where the comment was found by its marker. */
  digest?: string;
  /** It is not in Freshdesk any more, and its comment says so. */
  gone?: true;
}

/** A file that was copied, or one that will not be. */
export type FileDocument =
  | { state: 'copied'; name: string; size: number; sha256: string; url: string }
  | { state: 'not copied'; name: string; size: number | null; reason: string }
  | { state: 'failing'; name: string; tries: number; detail: string };

export interface IssueTicketsDocument {
  /** `<domain>/<ticket>`, in the order in which they came. */
  tickets: string[];
}

export interface ReturnDocument {
  /** The closing (its time in GitLab) that has changed the ticket's status. */
  closedAt: string | null;
  /** Releases that have done so, `<product>/<version>/<environment>`. */
  released: string[];
  /** What the status field was last set to; a refusal is not tried again with the same value. */
  field: string | null;
  /** Comments of the issue that were copied to the ticket, by their number. */
  supports: Record<string, { conversation: number; digest: string }>;
}

/** The comment that lists who is affected. */
export interface CustomersDocument {
  note: number;
  digest: string;
  /** By `<domain>/<ticket>`. */
  customers: Record<string, string>;
}

export interface IndexDocument {
  at: number;
  found: number;
}

export const NEW_ESCALATION = {
  state: 'running',
  error: null,
  trouble: null,
  issue: null,
  linked: false,
  note: null,
  marked: null,
  parts: null,
  totals: null,
  descriptionDigest: null,
  described: null,
  warnings: [],
  rebuilt: false,
  finishedAt: null,
} as const satisfies Partial<EscalationDocument>;

export const NOTHING_RETURNED: ReturnDocument = { closedAt: null, released: [], field: null, supports: {} };

/** The id of a ticket's document, and the key without its kind. */
export function ticketId(domain: string, ticket: number): string {
  return `${domain}/${ticket}`;
}

/** The key of a ticket; also what markers carry. */
export function ticketKey(domain: string, ticket: number): string {
  return `ticket:${ticketId(domain, ticket)}`;
}

/** `acme.freshdesk.com/101`, null where it is none. */
export function parseTicketId(id: string): { domain: string; ticket: number } | null {
  const match = /^([^/]+)\/([1-9]\d{0,15})$/.exec(id);
  return match ? { domain: match[1] ?? '', ticket: Number(match[2]) } : null;
}

/** The key by which an escalated issue is looked at. */
export function issueKey(issue: { project: string; iid: number }): string {
  return `escalated-issue:${issueId(issue)}`;
}

export function issueId({ project, iid }: { project: string; iid: number }): string {
  return `${project}#${iid}`;
}
