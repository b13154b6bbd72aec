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
