export interface LabelEventRecord {
  id: number;
  userId: number;
  createdAt: string;
  labelId: number;
  action: 'add' | 'remove';
}
export interface StateEventRecord {
  id: number;
  userId: number;
  createdAt: string;
  state: 'opened' | 'closed' | 'reopened' | 'merged';
  sourceMergeRequestId: number | null;
  sourceCommit: string | null;
}
export interface MilestoneEventRecord {
  id: number;
  userId: number;
  createdAt: string;
  milestoneId: number;
  action: 'add' | 'remove';
  state: string;
}
export interface WeightEventRecord {
  id: number;
  userId: number;
  createdAt: string;
  weight: number | null;
}
export interface AwardRecord {
  id: number;
  name: string;
  userId: number;
  createdAt: string;
}

/** What issues and merge requests have in common ("issuable" in GitLab). */
export interface IssuableRecord {
  id: number;
  iid: number;
  projectId: number;
  title: string;
  description: string | null;
  authorId: number;
  assigneeIds: number[];
  labelIds: Set<number>;
  milestoneId: number | null;
  createdAt: string;
  updatedAt: string;
  updatedById: number | null;
  lastEditedAt: string | null;
  lastEditedById: number | null;
  closedAt: string | null;
  closedById: number | null;
  discussionLocked: boolean | null;
  timeEstimate: number;
  timeSpent: number;
  notes: NoteRecord[];
  labelEvents: LabelEventRecord[];
  stateEvents: StateEventRecord[];
  milestoneEvents: MilestoneEventRecord[];
  awards: AwardRecord[];
  subscribers: Set<number>;
  /** What has been cross-referenced here already, so that a text saved twice leaves one system note. */
  referencedFrom: Set<string>;
}

export interface IssueRecord extends IssuableRecord {
  kind: 'issue';
  state: 'opened' | 'closed';
  confidential: boolean;
  issueType: 'issue' | 'incident' | 'task' | 'test_case';
  dueDate: string | null;
  weight: number | null;
  weightEvents: WeightEventRecord[];
  relativePosition: number;
  severity: string;
  movedToId: number | null;
  duplicatedToId: number | null;
  links: { id: number; issueId: number; type: 'relates_to' | 'blocks' | 'is_blocked_by'; createdAt: string }[];
}

export interface DiffRecord {
  id: number;
  baseSha: string;
  startSha: string;
  headSha: string;
  createdAt: string;
}

export interface MergeRequestRecord extends IssuableRecord {
  kind: 'merge_request';
  state: 'opened' | 'closed' | 'merged' | 'locked';
  /** null when the fork was deleted. */
  sourceProjectId: number | null;
  sourceBranch: string;
  targetBranch: string;
  reviewerIds: number[];
  headSha: string;
  diffs: DiffRecord[];
  mergeStatus: 'unchecked' | 'checking' | 'can_be_merged' | 'cannot_be_merged';
  preparedAt: string | null;
  mergedAt: string | null;
  mergeUserId: number | null;
  mergeCommitSha: string | null;
  squashCommitSha: string | null;
  mergeError: string | null;
  squash: boolean;
  forceRemoveSourceBranch: boolean | null;
  shouldRemoveSourceBranch: boolean | null;
  allowCollaboration: boolean;
  mergeWhenPipelineSucceeds: boolean;
  changesCount: number | null;
  /** Issues this merge request would close: refreshed when it is created or changed, as GitLab's own cache is. */
  closesIssueIds: number[];
  approvedBy: Set<number>;
}

export interface NoteRecord {
  id: number;
  discussionId: string;
  type: null | 'DiscussionNote' | 'DiffNote';
  noteableType: 'Issue' | 'MergeRequest' | 'Commit' | 'Snippet';
  noteableId: number | null;
  noteableIid: number | null;
  projectId: number;
  commitSha: string | null;
  authorId: number;
  body: string;
  system: boolean;
  systemAction: string | null;
  internal: boolean;
  createdAt: string;
  updatedAt: string;
  updatedById: number | null;
  resolvedAt: string | null;
  resolvedById: number | null;
  position: Record<string, unknown> | null;
  commandsChanges: Record<string, unknown>;
  awards: AwardRecord[];
}

export type Noteable = IssueRecord | MergeRequestRecord;
