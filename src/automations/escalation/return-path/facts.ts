import type { EscalatedIssue, ReturnDocument } from '../documents.ts';

/** A ticket of the issue, as it is remembered. */
export interface ReturnTicket {
  domain: string;
  ticket: number;
  page: string;
  issue: EscalatedIssue;
  /** What our note on it says besides. */
  lines: string[];
  /** Whether our note on it says what it should by that. */
  shown: boolean;
  /** Null before anything has come back. */
  returned: ReturnDocument | null;
}

/** A merge request that closes the issue. */
export interface Fix {
  name: string;
  url: string;
  state: 'opened' | 'closed' | 'merged' | 'locked';
  target: string;
  mergedAt: string | null;
}

/** A release that has a merged fix in it. */
export interface Shipped {
  /** `<product>/<version>/<environment>` */
  id: string;
  product: string;
  version: string;
  environment: string;
  at: number;
}

/** A comment for the support, `support:` taken off. */
export interface SupportComment {
  id: number;
  author: string;
  text: string;
  digest: string;
}

export interface IssueFacts {
  state: 'opened' | 'closed';
  url: string;
  title: string;
  labels: string[];
  confidential: boolean;
  closedAt: string | null;
  milestone: { title: string; due: string | null } | null;
  /** `group/project#3`; where the name cannot be told, null in it. */
  movedTo: { issue: EscalatedIssue | null } | null;
  duplicateOf: string | null;
  fixes: Fix[];
  shipped: Shipped[];
  support: SupportComment[];
}

export interface ReturnFacts {
  project: string;
  iid: number;
  tickets: ReturnTicket[];
  /** Null where it is not there any more, or the token may not see it; undefined where no ticket belongs to it. */
  issue?: IssueFacts | null;
  /** Who is affected, by `<domain>/<ticket>`; read where there are several tickets. */
  customers?: Record<string, string>;
  /** Our comment that lists them: as recorded, or as found. */
  customersNote: { note: number; digest: string } | null;
  settings: {
    statusField: string | null;
    statuses: string[];
    closedStatus: number | null;
    releasedIn: string[];
  };
}
