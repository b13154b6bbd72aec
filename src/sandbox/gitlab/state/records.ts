import type { Repository } from '../../git/repository.ts';

/** What the simulated instance remembers, as plain records. Dates are ISO 8601 in UTC with milliseconds; ids are GitLab's global ids, iids per project. */
export type AccessLevel = 5 | 10 | 15 | 20 | 30 | 40 | 50;
export const ACCESS = {
  minimal: 5,
  guest: 10,
  planner: 15,
  reporter: 20,
  developer: 30,
  maintainer: 40,
  owner: 50,
} as const;
export type Visibility = 'private' | 'internal' | 'public';

export interface UserRecord {
  id: number;
  username: string;
  name: string;
  email: string;
  state: 'active' | 'blocked' | 'banned' | 'deactivated';
  isAdmin: boolean;
  bot: boolean;
  namespaceId: number;
  createdAt: string;
  lastActivityOn: string | null;
  bio: string;
  extra: Record<string, unknown>;
}

export interface TokenRecord {
  id: number;
  token: string;
  kind: 'personal' | 'project' | 'group' | 'job';
  userId: number;
  name: string;
  description: string | null;
  scopes: string[];
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revoked: boolean;
  /** Of an access token that belongs to a project or group, and of a job token. */
  projectId: number | null;
  groupId: number | null;
  accessLevel: AccessLevel | null;
}

export interface MemberRecord {
  userId: number;
  accessLevel: AccessLevel;
  createdAt: string;
  createdById: number | null;
  expiresAt: string | null;
}

export interface GroupRecord {
  id: number;
  name: string;
  path: string;
  fullPath: string;
  description: string;
  visibility: Visibility;
  parentId: number | null;
  createdAt: string;
  members: Map<number, MemberRecord>;
  labels: Map<number, LabelRecord>;
  milestones: Map<number, MilestoneRecord>;
  hooks: Map<number, HookRecord>;
  boards: Map<number, BoardRecord>;
  extra: Record<string, unknown>;
}

export interface LabelRecord {
  id: number;
  projectId: number | null;
  groupId: number | null;
  title: string;
  color: string;
  description: string | null;
  priority: number | null;
  archived: boolean;
  createdAt: string;
  updatedAt: string;
}

export interface MilestoneRecord {
  id: number;
  iid: number;
  projectId: number | null;
  groupId: number | null;
  title: string;
  description: string;
  state: 'active' | 'closed';
  startDate: string | null;
  dueDate: string | null;
  createdAt: string;
  updatedAt: string;
}

/** What a hook listens for; the names are those of the API. */
export const HOOK_EVENTS = [
  'push_events',
  'tag_push_events',
  'merge_requests_events',
  'repository_update_events',
  'issues_events',
  'confidential_issues_events',
  'note_events',
  'confidential_note_events',
  'pipeline_events',
  'wiki_page_events',
  'deployment_events',
  'feature_flag_events',
  'job_events',
  'releases_events',
  'milestone_events',
  'emoji_events',
  'resource_access_token_events',
] as const;
export type HookEvent = (typeof HOOK_EVENTS)[number];

export interface HookRecord {
  id: number;
  kind: 'project' | 'group' | 'system';
  projectId: number | null;
  groupId: number | null;
  url: string;
  name: string | null;
  description: string | null;
  token: string | null;
  signingToken: string | null;
  events: Record<HookEvent, boolean>;
  branchFilter: string | null;
  branchFilterStrategy: 'wildcard' | 'regex' | 'all_branches';
  enableSslVerification: boolean;
  customTemplate: string | null;
  customHeaders: Map<string, string>;
  urlVariables: Map<string, string>;
  createdAt: string;
  recentFailures: number;
  backoffCount: number;
  disabledUntil: string | null;
  log: HookLogRecord[];
}

export interface HookLogRecord {
  id: number;
  trigger: string;
  url: string;
  idempotencyKey: string;
  requestHeaders: Record<string, string>;
  requestBody: string;
  responseStatus: string;
  responseHeaders: Record<string, string>;
  responseBody: string;
  executionDuration: number;
  createdAt: string;
}

export interface BoardListRecord {
  id: number;
  labelId: number | null;
  milestoneId: number | null;
  assigneeId: number | null;
  position: number;
  maxIssueCount: number;
  maxIssueWeight: number;
}
export interface BoardRecord {
  id: number;
  name: string;
  projectId: number | null;
  groupId: number | null;
  hideBacklogList: boolean;
  hideClosedList: boolean;
  lists: BoardListRecord[];
}

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

export interface CommitStatusRecord {
  id: number;
  sha: string;
  ref: string;
  status: string;
  name: string;
  targetUrl: string | null;
  description: string | null;
  coverage: number | null;
  authorId: number;
  pipelineId: number;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  allowFailure: boolean;
}
export interface PipelineRecord {
  id: number;
  iid: number;
  projectId: number;
  sha: string;
  ref: string;
  source: string;
  userId: number;
  createdAt: string;
  updatedAt: string;
}

export interface ReleaseRecord {
  tag: string;
  name: string;
  description: string | null;
  authorId: number;
  createdAt: string;
  releasedAt: string;
  milestoneIds: number[];
  links: { id: number; name: string; url: string; linkType: string; filePath: string | null }[];
  id: number;
}

export interface ProtectedRefRecord {
  id: number;
  name: string;
  pushLevel: number;
  mergeLevel: number;
  allowForcePush: boolean;
  codeOwnerApproval: boolean;
}

export interface UploadRecord {
  id: number;
  secret: string;
  filename: string;
  contentType: string;
  content: Buffer;
  createdAt: string;
  userId: number;
}

export interface StatusCheckRecord {
  id: number;
  name: string;
  externalUrl: string;
  hmac: string | null;
  /** `${merge request id}:${sha}` -> state; a check of a head that has no answer is pending. */
  answers: Map<string, 'pending' | 'passed' | 'failed'>;
}

export interface ProjectSettings {
  issuesEnabled: boolean;
  mergeRequestsEnabled: boolean;
  onlyAllowMergeIfAllDiscussionsAreResolved: boolean;
  onlyAllowMergeIfPipelineSucceeds: boolean;
  allowMergeOnSkippedPipeline: boolean | null;
  onlyAllowMergeIfAllStatusChecksPassed: boolean;
  autocloseReferencedIssues: boolean;
  removeSourceBranchAfterMerge: boolean;
  mergeMethod: 'merge' | 'rebase_merge' | 'ff';
  squashOption: 'never' | 'always' | 'default_on' | 'default_off';
  mergeRequestTitleRegex: string | null;
}

export interface ProjectRecord {
  id: number;
  name: string;
  path: string;
  fullPath: string;
  namespace: { kind: 'group'; groupId: number } | { kind: 'user'; userId: number };
  description: string | null;
  visibility: Visibility;
  archived: boolean;
  topics: string[];
  createdAt: string;
  lastActivityAt: string;
  creatorId: number;
  defaultBranch: string;
  forkedFromId: number | null;
  settings: ProjectSettings;
  extra: Record<string, unknown>;
  repository: Repository;
  members: Map<number, MemberRecord>;
  labels: Map<number, LabelRecord>;
  milestones: Map<number, MilestoneRecord>;
  boards: Map<number, BoardRecord>;
  issues: Map<number, IssueRecord>;
  mergeRequests: Map<number, MergeRequestRecord>;
  /** Next iids are remembered, not counted: a deleted issue's number is never given again. */
  nextIids: { issue: number; mergeRequest: number; milestone: number; pipeline: number };
  hooks: Map<number, HookRecord>;
  releases: Map<string, ReleaseRecord>;
  commitStatuses: CommitStatusRecord[];
  pipelines: Map<number, PipelineRecord>;
  commitNotes: Map<string, NoteRecord[]>;
  protectedBranches: Map<string, ProtectedRefRecord>;
  protectedTags: Map<string, ProtectedRefRecord>;
  uploads: Map<string, UploadRecord>;
  statusChecks: Map<number, StatusCheckRecord>;
  accessTokens: number[];
}

export type Noteable = IssueRecord | MergeRequestRecord;
