import type { ReferenceKeyword } from '../../gitlab/references/keywords.ts';

/** What happened to a merge request at a time: only what the wish hangs on, each as it was from then on. */
export interface Turn {
  /** ms since the epoch */
  at: number;
  state?: 'opened' | 'closed' | 'merged';
  draft?: boolean;
  target?: { from: string; to: string };
}

/** A merge request that our own reading links to the issue. */
export interface LinkedMergeRequest {
  project: string;
  iid: number;
  state: 'opened' | 'closed' | 'merged' | 'locked';
  draft: boolean;
  targetBranch: string;
  keyword: ReferenceKeyword;
  /** The linked merge requests that this one takes back, `acme/appliance!7`. */
  reverts: string[];
  /** ms since the epoch, all five */
  createdAt: number;
  mergedAt: number | null;
  closedAt: number | null;
  /** Since when it has spoken of the issue, as far as that can be told; never later than it really began. */
  linkedAt: number;
  /** Since when it has not any more: such a one counts in the past only. */
  unlinkedAt: number | null;
  /** Its past, oldest first; read only where the decision hangs on it, empty otherwise. */
  turns: Turn[];
}

/** Somebody put a column's label on the issue, or took it off. Ids grow with time. */
export interface ColumnEvent {
  id: number;
  action: 'add' | 'remove';
  column: string;
  /** By the user of our token. */
  ours: boolean;
  by: string;
  /** ms since the epoch */
  at: number;
}

/** How an issue that is closed came to be so. */
export interface Closing {
  at: number;
  by: string;
  /** The merge request whose "Closes #1" made GitLab do it; null when a person did. */
  mergeRequest: string | null;
}

/** A person wants our last move back. */
export interface Undo {
  by: string;
  /** The newest label event of the move to be undone. */
  after: number;
}

/** Everything the decision is made from. Plain JSON: `explain` shows it. */
export interface BoardFacts {
  project: string;
  iid: number;
  found: boolean;
  /** Whether the project can be seen at all. */
  projectSeen: boolean;
  state: 'opened' | 'closed';
  /** Where it was moved to: `acme/lib-ssh#4`, or null where that may not be seen. Left out when it was not moved. */
  movedTo?: { issue: string | null; hasBoard: boolean };
  /** What it was called before it was moved here, `acme/appliance#1`: what is said of that is said of it. */
  formerly: string[];
  /** All labels of the issue; only those that are columns are ever touched. */
  labels: string[];
  /** Of the columns in the rules, those that exist as labels: another one would be created by writing it. */
  existing: string[];
  linked: LinkedMergeRequest[];
  /** Merge requests that were linked and cannot be read any more. */
  gone: string[];
  /** Oldest first. */
  events: ColumnEvent[];
  /** Read only where the rules re-open and the issue is closed. */
  closing: Closing | null;
  undo: Undo | null;
}

/** The project's rules, as far as the decision needs them. */
export interface BoardRules {
  /** All columns, in the order of the board. */
  columns: string[];
  opened: string;
  draft: string | null;
  merged: string;
  /** The column after a merge, by target branch, where it is not `merged`. */
  mergedByBranch: Record<string, string>;
  mergedWhen: 'all' | 'any';
  closed: 'previous' | 'stay';
  /** The columns that may be left. */
  from: string[];
  /** Whether an issue that GitLab closed by itself at a merge is opened again. */
  reopen: boolean;
}

/** What is remembered of an issue between two looks. */
export type BoardMemory = {
  /** What was last wished for, and since when (ms). */
  wish: string;
  since: number;
  lookedAt: number;
  /** The merge requests last found to be linked, and since when: candidates to read again, never believed. */
  known: { name: string; since: number }[];
  formerly: string[];
};
