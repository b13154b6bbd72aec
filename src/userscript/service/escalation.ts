/** How far the escalation of a ticket is, as the service says it. */
export type EscalationState = 'none' | 'running' | 'done' | 'done_with_warnings' | 'failed';

export interface Issue {
  /** An http(s) address, or null where the service gave none that may be a link. */
  url: string | null;
  /** `acme/appliance#12` */
  reference: string;
  /** `opened`, `closed`; empty when not known. */
  state: string;
  labels: readonly string[];
}

export interface Escalation {
  ticket: number | null;
  state: EscalationState;
  done: number;
  /** 0 until it is known how much there is. */
  total: number;
  step: string;
  issue: Issue | null;
  warnings: readonly string[];
  /** Why it has failed; empty otherwise. */
  failure: string;
  requestedBy: string;
  /** What holds it up while it runs and goes away by itself; empty otherwise. */
  waiting: string;
}

/** What an escalation would make, to be looked at before. */
export interface Preview {
  title: string;
  description: string;
  comments: readonly { body: string; internal: boolean }[];
  files: readonly { name: string; size: number | null; reason: string }[];
  warnings: readonly string[];
  similar: readonly SimilarIssue[];
}

export interface SimilarIssue {
  title: string;
  url: string | null;
  state: string;
}
