import type { ReferenceKeyword } from '../../gitlab/references/keywords.ts';

/** A merge request that our own reading of its title and description links to the issue. */
export interface LinkedMergeRequest {
  project: string;
  iid: number;
  state: 'opened' | 'closed' | 'merged' | 'locked';
  draft: boolean;
  targetBranch: string;
  keyword: ReferenceKeyword;
  /** The merge request of the same project that this one takes back. */
  reverts: number | null;
  /** ms since the epoch, all three */
  createdAt: number;
  mergedAt: number | null;
  closedAt: number | null;
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

/** Everything the decision is made from. Plain JSON: `explain` shows it. */
export interface BoardFacts {
  project: string;
  iid: number;
  found: boolean;
  state: 'opened' | 'closed';
  /** All labels of the issue; only those that are columns are ever touched. */
  labels: string[];
  /** Of the columns in the rules, those that exist as labels: another one would be created by writing it. */
  existing: string[];
  linked: LinkedMergeRequest[];
  /** Oldest first. */
  events: ColumnEvent[];
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
}

/** What is remembered of an issue between two looks. */
export type BoardMemory = {
  /** The column last wished for, and since when (ms); what GitLab does not date, such as a draft made ready, is dated so. */
  wish: string | null;
  since: number;
  /** The merge requests last found to be linked, `acme/appliance!7`: candidates to read again, never believed. */
  known: string[];
};
