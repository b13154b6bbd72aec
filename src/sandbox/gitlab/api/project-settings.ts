import { invalid } from '../http/api-error.ts';
import type { Call } from '../http/call.ts';
import { bool, list, oneOf, text } from '../http/input.ts';
import { namespacePath } from '../state/namespace-path.ts';
import type { ProjectRecord } from '../state/records.ts';
import { now } from '../state/world.ts';

/** Parameters the simulator acts upon are read one by one; others are kept and given back as they came. */
const KEPT = [
  'wiki_enabled',
  'jobs_enabled',
  'snippets_enabled',
  'lfs_enabled',
  'request_access_enabled',
  'container_registry_enabled',
  'shared_runners_enabled',
  'ci_config_path',
  'public_jobs',
  'suggestion_commit_message',
  'merge_commit_template',
  'squash_commit_template',
  'issue_branch_template',
  'build_timeout',
  'ci_default_git_depth',
  'resolve_outdated_diff_discussions',
  'printing_merge_request_link_enabled',
];

export async function applySettings(call: Call, project: ProjectRecord): Promise<void> {
  const { input, world } = call;
  const { settings } = project;
  project.name = text(input, 'name') ?? project.name;
  if (input['description'] !== undefined) project.description = text(input, 'description');
  project.visibility = oneOf(input, 'visibility', ['private', 'internal', 'public']) ?? project.visibility;
  project.topics = list(input, 'topics') ?? list(input, 'tag_list') ?? project.topics;
  settings.issuesEnabled =
    bool(input, 'issues_enabled') ?? featureOf(call, 'issues_access_level') ?? settings.issuesEnabled;
  settings.mergeRequestsEnabled =
    bool(input, 'merge_requests_enabled') ??
    featureOf(call, 'merge_requests_access_level') ??
    settings.mergeRequestsEnabled;
  settings.onlyAllowMergeIfAllDiscussionsAreResolved =
    bool(input, 'only_allow_merge_if_all_discussions_are_resolved') ??
    settings.onlyAllowMergeIfAllDiscussionsAreResolved;
  settings.onlyAllowMergeIfPipelineSucceeds =
    bool(input, 'only_allow_merge_if_pipeline_succeeds') ?? settings.onlyAllowMergeIfPipelineSucceeds;
  settings.allowMergeOnSkippedPipeline =
    bool(input, 'allow_merge_on_skipped_pipeline') ?? settings.allowMergeOnSkippedPipeline;
  settings.onlyAllowMergeIfAllStatusChecksPassed =
    bool(input, 'only_allow_merge_if_all_status_checks_passed') ?? settings.onlyAllowMergeIfAllStatusChecksPassed;
  settings.autocloseReferencedIssues = bool(input, 'autoclose_referenced_issues') ?? settings.autocloseReferencedIssues;
  settings.removeSourceBranchAfterMerge =
    bool(input, 'remove_source_branch_after_merge') ?? settings.removeSourceBranchAfterMerge;
  settings.mergeMethod = oneOf(input, 'merge_method', ['merge', 'rebase_merge', 'ff']) ?? settings.mergeMethod;
  settings.squashOption =
    oneOf(input, 'squash_option', ['never', 'always', 'default_on', 'default_off']) ?? settings.squashOption;
  if (input['merge_request_title_regex'] !== undefined)
    settings.mergeRequestTitleRegex = text(input, 'merge_request_title_regex');
  for (const name of KEPT) if (input[name] !== undefined) project.extra[name] = input[name];
  renamePath(call, project);
  await changeDefaultBranch(call, project);
  project.lastActivityAt = now(world);
}

function featureOf(call: Call, name: string): boolean | null {
  const level = oneOf(call.input, name, ['disabled', 'private', 'enabled']);
  return level === null ? null : level !== 'disabled';
}

function renamePath(call: Call, project: ProjectRecord): void {
  const path = text(call.input, 'path');
  if (path === null || path === project.path) return;
  const fullPath = `${namespacePath(call.world, project.namespace)}/${path}`;
  if (call.world.projectsByPath.has(fullPath.toLowerCase())) throw invalid({ path: ['has already been taken'] });
  call.world.projectsByPath.delete(project.fullPath.toLowerCase());
  project.path = path;
  project.fullPath = fullPath;
  call.world.projectsByPath.set(fullPath.toLowerCase(), project);
}

async function changeDefaultBranch(call: Call, project: ProjectRecord): Promise<void> {
  const branch = text(call.input, 'default_branch');
  if (branch === null || branch === project.defaultBranch) return;
  const branches = await project.repository.branches();
  if (branches.length > 0 && !branches.some(candidate => candidate.name === branch)) {
    throw invalid({ base: ['Could not set the default branch'] });
  }
  await project.repository.setHeadBranch(branch);
  project.defaultBranch = branch;
}
