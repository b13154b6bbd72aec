import type { Person } from '../../freshdesk/client/people.ts';
import type { EscalatedIssue, EscalationState, FileDocument, Part } from './documents.ts';
import type { FoundComment } from './find-ours.ts';

/** The ticket as the facts show it: neither its text nor anything signed. */
export interface TicketFacts {
  id: number;
  page: string;
  subject: string;
  requester: string | null;
  company: string | null;
  status: number;
  priority: number;
  source: number;
  type: string | null;
  tags: string[];
  createdAt: string;
  archived: boolean;
  /** Why no issue is to be made of it. */
  unfit: 'spam' | 'deleted' | null;
}

export interface MessageFacts {
  id: number;
  at: string;
  author: Person | null;
  incoming: boolean;
  private: boolean;
  source: number;
  automatic: boolean;
  /** Characters of its source, which says how much fits into one comment. */
  length: number;
  /** Why it is not copied: our own note, a private note that is to be left out. */
  leftOut: 'ours' | 'private' | null;
  copied: boolean;
  /** It says something else than when it was copied. */
  edited: boolean;
}

/** A copied message that is not as it was copied. */
export interface Revision {
  message: number;
  /** The comment that holds it. */
  note: number;
}

export interface FileFacts {
  /** `a<id>` for an attachment, `i<id>` for an inline image. */
  key: string;
  name: string;
  size: number | null;
  /** The message it belongs to; 0 for the ticket. */
  message: number;
  inline: boolean;
  /** Null while it is to be copied. */
  result: FileDocument | null;
}

/** All that a decision is made from. */
export interface EscalationFacts {
  /** Null where nobody has asked for an escalation. */
  escalation: {
    state: EscalationState;
    issue: EscalatedIssue | null;
    linked: boolean;
    follow: boolean;
    note: { id: number; digest: string } | null;
    marked: 'done' | 'refused' | null;
    parts: Part[] | null;
    described: string | null;
    rebuilt: boolean;
    finished: boolean;
  } | null;
  /** Null where it is not there or the key may not see it; undefined where there was no need to look. */
  ticket?: TicketFacts | null;
  project?: { visible: boolean; public: boolean };
  messages?: MessageFacts[];
  files?: FileFacts[];
  /** Our comments that are there and not recorded: conversation → comment. */
  found?: FoundComment[];
  /** Messages that were copied and are not in Freshdesk any more; null where nobody asked to follow. */
  gone?: Revision[];
  /** Those that were edited since. */
  edited?: Revision[];
  /** Our note on the ticket, where it is there and not recorded. */
  foundNote?: number | null;
  settings: {
    project: string;
    comments: number;
    confidential: boolean;
    /** A tag or a field is to be set on the ticket. */
    marks: boolean;
  };
}
