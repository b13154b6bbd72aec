import { z } from 'zod';

/**
 * What we read of GitLab's answers (API v4, GitLab 16 to 19): only the fields that are used, with what older versions lack as
 * optional. GitLab's own response schemas are stricter; the contract tests hold both against each other.
 */
export const userSchema = z.object({
  id: z.number(),
  username: z.string(),
  name: z.string(),
  bot: z.boolean().optional(),
});
export type GitLabUser = z.infer<typeof userSchema>;

export const versionSchema = z.object({ version: z.string() });

export const tokenSchema = z.object({
  name: z.string(),
  scopes: z.array(z.string()),
  expires_at: z.string().nullable(),
  active: z.boolean().optional(),
});

export const projectSchema = z.object({
  id: z.number(),
  path_with_namespace: z.string(),
  web_url: z.string(),
  default_branch: z.string().nullish(),
  visibility: z.string().optional(),
  archived: z.boolean().optional(),
  only_allow_merge_if_all_discussions_are_resolved: z.boolean().nullish(),
  only_allow_merge_if_pipeline_succeeds: z.boolean().nullish(),
  autoclose_referenced_issues: z.boolean().nullish(),
  permissions: z
    .object({
      project_access: z.object({ access_level: z.number() }).nullish(),
      group_access: z.object({ access_level: z.number() }).nullish(),
    })
    .optional(),
});
export type Project = z.infer<typeof projectSchema>;

export const memberSchema = z.object({ id: z.number(), username: z.string(), access_level: z.number() });

export const mergeRequestSchema = z.object({
  id: z.number(),
  iid: z.number(),
  project_id: z.number(),
  title: z.string(),
  description: z.string().nullable(),
  state: z.enum(['opened', 'closed', 'merged', 'locked']),
  draft: z.boolean().optional(),
  work_in_progress: z.boolean().optional(),
  source_branch: z.string(),
  target_branch: z.string(),
  source_project_id: z.number().nullable(),
  target_project_id: z.number(),
  sha: z.string().nullable(),
  merge_commit_sha: z.string().nullish(),
  squash_commit_sha: z.string().nullish(),
  author: userSchema.nullish(),
  labels: z.array(z.string()),
  web_url: z.string(),
  updated_at: z.string(),
  merged_at: z.string().nullish(),
  diff_refs: z
    .object({ base_sha: z.string().nullable(), head_sha: z.string().nullable(), start_sha: z.string().nullable() })
    .nullish(),
});
export type MergeRequest = z.infer<typeof mergeRequestSchema>;

export const noteSchema = z.object({
  id: z.number(),
  type: z.string().nullish(),
  body: z.string(),
  author: userSchema,
  system: z.boolean(),
  resolvable: z.boolean().optional(),
  resolved: z.boolean().optional(),
  resolved_by: userSchema.nullish(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Note = z.infer<typeof noteSchema>;

export const discussionSchema = z.object({
  id: z.string(),
  individual_note: z.boolean(),
  notes: z.array(noteSchema),
});
export type Discussion = z.infer<typeof discussionSchema>;

export const branchSchema = z.object({
  name: z.string(),
  commit: z.object({ id: z.string() }),
  protected: z.boolean().optional(),
});
export type Branch = z.infer<typeof branchSchema>;

export const tagSchema = z.object({
  name: z.string(),
  target: z.string(),
  message: z.string().nullish(),
  commit: z.object({ id: z.string() }),
});
export type Tag = z.infer<typeof tagSchema>;

/** A rule for protected tags: any of its entries lets somebody create tags that its name covers. */
export const protectedTagSchema = z.object({
  name: z.string(),
  create_access_levels: z.array(
    z.object({
      access_level: z.number().nullable(),
      user_id: z.number().nullish(),
      group_id: z.number().nullish(),
      deploy_key_id: z.number().nullish(),
    }),
  ),
});
export type ProtectedTag = z.infer<typeof protectedTagSchema>;

export const commitSchema = z.object({
  id: z.string(),
  title: z.string().optional(),
  message: z.string().optional(),
  parent_ids: z.array(z.string()).optional(),
});
export type Commit = z.infer<typeof commitSchema>;

export const diffSchema = z.object({ old_path: z.string(), new_path: z.string() });

export const commitStatusSchema = z.object({
  id: z.number(),
  sha: z.string(),
  name: z.string(),
  status: z.string(),
  description: z.string().nullish(),
});

export const externalStatusCheckSchema = z.object({
  id: z.number(),
  name: z.string(),
  external_url: z.string(),
  status: z.string().optional(),
});

export const hookSchema = z.object({
  id: z.number(),
  url: z.string(),
  merge_requests_events: z.boolean(),
  push_events: z.boolean(),
  tag_push_events: z.boolean().optional(),
  note_events: z.boolean().optional(),
  issues_events: z.boolean().optional(),
  confidential_issues_events: z.boolean().optional(),
  alert_status: z.string().optional(),
  disabled_until: z.string().nullish(),
  /** GitLab 19 and newer. */
  signing_token_present: z.boolean().optional(),
});
export type Hook = z.infer<typeof hookSchema>;

export const hookEventSchema = z.object({
  id: z.number(),
  trigger: z.string(),
  response_status: z.string().nullish(),
  request_headers: z.record(z.string(), z.unknown()),
  request_data: z.record(z.string(), z.unknown()),
  created_at: z.string().optional(),
});
export type HookEvent = z.infer<typeof hookEventSchema>;
