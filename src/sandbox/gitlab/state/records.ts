import type { Repository } from '../../git/repository.ts';
import type { HookRecord } from './hook-records.ts';
import type { IssueRecord, MergeRequestRecord, NoteRecord } from './issuable-records.ts';
import type {
  CommitStatusRecord,
  PipelineRecord,
  ProtectedRefRecord,
  ReleaseRecord,
  StatusCheckRecord,
  UploadRecord,
} from './publishing-records.ts';

export { HOOK_EVENTS, type HookEvent, type HookLogRecord, type HookRecord } from './hook-records.ts';
export type * from './issuable-records.ts';
export type * from './publishing-records.ts';

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
