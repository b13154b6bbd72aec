import { projectGroups, projectRole } from '../state/access.ts';
import { ACCESS, type GroupRecord, type ProjectRecord, type UserRecord } from '../state/records.ts';
import { starsOf } from '../state/stars.ts';
import type { World } from '../state/world.ts';
import { groupUrl, projectUrl, sshUrl } from './urls.ts';
import { avatarUrl, presentUserBasic } from './user.ts';

export function namespaceName(world: World, project: ProjectRecord): string {
  if (project.namespace.kind === 'user') return world.users.get(project.namespace.userId)?.name ?? '';
  return projectGroups(world, project)
    .map(group => group.name)
    .reverse()
    .join(' / ');
}

/** `BasicProjectDetails`: lists with `simple=true`, boards, forks. */
export function presentProjectBasic(
  world: World,
  project: ProjectRecord,
  branch: string | null = project.defaultBranch,
): Record<string, unknown> {
  return {
    id: project.id,
    description: project.description,
    name: project.name,
    name_with_namespace: `${namespaceName(world, project)} / ${project.name}`,
    path: project.path,
    path_with_namespace: project.fullPath,
    created_at: project.createdAt,
    default_branch: branch,
    tag_list: project.topics,
    topics: project.topics,
    ssh_url_to_repo: sshUrl(world, project),
    http_url_to_repo: `${projectUrl(world, project)}.git`,
    web_url: projectUrl(world, project),
    readme_url: null,
    forks_count: forksOf(world, project).length,
    avatar_url: null,
    star_count: starsOf(project).size,
    last_activity_at: project.lastActivityAt,
    visibility: project.visibility,
    namespace: presentNamespace(world, project),
  };
}

export function forksOf(world: World, project: ProjectRecord): ProjectRecord[] {
  return [...world.projects.values()].filter(other => other.forkedFromId === project.id);
}

function presentNamespace(world: World, project: ProjectRecord): Record<string, unknown> {
  if (project.namespace.kind === 'group')
    return presentGroupNamespace(world, world.groups.get(project.namespace.groupId)!);
  return presentUserNamespace(world, world.users.get(project.namespace.userId)!);
}

export function presentGroupNamespace(world: World, group: GroupRecord): Record<string, unknown> {
  return {
    id: group.id,
    name: group.name,
    path: group.path,
    kind: 'group',
    full_path: group.fullPath,
    parent_id: group.parentId,
    avatar_url: null,
    web_url: groupUrl(world, group),
  };
}

export function presentUserNamespace(world: World, user: UserRecord): Record<string, unknown> {
  return {
    id: user.namespaceId,
    name: user.name,
    path: user.username,
    kind: 'user',
    full_path: user.username,
    parent_id: null,
    avatar_url: avatarUrl(user),
    web_url: `${world.baseUrl}/${user.username}`,
  };
}

/** The whole project as `GET /projects/:id` gives it; settings are there for every reader, as in GitLab. */
export function presentProject(
  world: World,
  project: ProjectRecord,
  viewer: UserRecord | null,
  state: { empty: boolean },
): Record<string, unknown> {
  const { settings } = project;
  const openIssues = [...project.issues.values()].filter(issue => issue.state === 'opened').length;
  const origin = project.forkedFromId === null ? undefined : world.projects.get(project.forkedFromId);
  const api = `${world.baseUrl}/api/v4/projects/${project.id}`;
  return {
    ...presentProjectBasic(world, project, state.empty ? null : project.defaultBranch),
    ...(project.namespace.kind === 'user'
      ? { owner: presentUserBasic(world, world.users.get(project.namespace.userId)!) }
      : {}),
    container_registry_image_prefix: `${new URL(world.baseUrl).host}/${project.fullPath.toLowerCase()}`,
    _links: {
      self: api,
      issues: `${api}/issues`,
      merge_requests: `${api}/merge_requests`,
      repo_branches: `${api}/repository/branches`,
      labels: `${api}/labels`,
      events: `${api}/events`,
      members: `${api}/members`,
    },
    marked_for_deletion_at: null,
    marked_for_deletion_on: null,
    packages_enabled: true,
    empty_repo: state.empty,
    archived: project.archived,
    resolve_outdated_diff_discussions: false,
    repository_object_format: 'sha1',
    issues_enabled: settings.issuesEnabled,
    merge_requests_enabled: settings.mergeRequestsEnabled,
    wiki_enabled: true,
    jobs_enabled: true,
    snippets_enabled: true,
    container_registry_enabled: true,
    service_desk_enabled: false,
    can_create_merge_request_in:
      viewer !== null && (project.visibility !== 'private' || projectRole(world, viewer, project) >= ACCESS.developer),
    issues_access_level: settings.issuesEnabled ? 'enabled' : 'disabled',
    repository_access_level: 'enabled',
    merge_requests_access_level: settings.mergeRequestsEnabled ? 'enabled' : 'disabled',
    forking_access_level: 'enabled',
    wiki_access_level: 'enabled',
    builds_access_level: 'enabled',
    snippets_access_level: 'enabled',
    releases_access_level: 'enabled',
    emails_disabled: false,
    emails_enabled: true,
    shared_runners_enabled: true,
    lfs_enabled: true,
    creator_id: project.creatorId,
    ...(origin === undefined ? {} : { forked_from_project: presentProjectBasic(world, origin) }),
    import_url: null,
    import_type: null,
    import_status: origin === undefined ? 'none' : 'finished',
    import_error: null,
    open_issues_count: openIssues,
    description_html: '',
    updated_at: project.lastActivityAt,
    ci_default_git_depth: 20,
    ci_config_path: null,
    public_jobs: true,
    build_timeout: 3600,
    auto_cancel_pending_pipelines: 'enabled',
    shared_with_groups: [],
    only_allow_merge_if_pipeline_succeeds: settings.onlyAllowMergeIfPipelineSucceeds,
    allow_merge_on_skipped_pipeline: settings.allowMergeOnSkippedPipeline,
    request_access_enabled: true,
    only_allow_merge_if_all_discussions_are_resolved: settings.onlyAllowMergeIfAllDiscussionsAreResolved,
    remove_source_branch_after_merge: settings.removeSourceBranchAfterMerge,
    printing_merge_request_link_enabled: true,
    merge_method: settings.mergeMethod,
    squash_option: settings.squashOption,
    enforce_auth_checks_on_uploads: true,
    suggestion_commit_message: null,
    merge_commit_template: null,
    squash_commit_template: null,
    issue_branch_template: null,
    merge_request_title_regex: settings.mergeRequestTitleRegex,
    merge_request_title_regex_description: null,
    autoclose_referenced_issues: settings.autocloseReferencedIssues,
    ...(world.settings.tier === 'free' ? {} : { approvals_before_merge: 0, mirror: false }),
    ...(world.settings.tier === 'ultimate'
      ? { only_allow_merge_if_all_status_checks_passed: settings.onlyAllowMergeIfAllStatusChecksPassed }
      : {}),
    ...project.extra,
    permissions: presentPermissions(world, project, viewer),
  };
}

function presentPermissions(world: World, project: ProjectRecord, viewer: UserRecord | null): Record<string, unknown> {
  const direct = viewer === null ? undefined : project.members.get(viewer.id);
  let groupLevel = 0;
  for (const group of projectGroups(world, project)) {
    groupLevel = Math.max(groupLevel, viewer === null ? 0 : (group.members.get(viewer.id)?.accessLevel ?? 0));
  }
  return {
    project_access: direct === undefined ? null : { access_level: direct.accessLevel, notification_level: 3 },
    group_access: groupLevel === 0 ? null : { access_level: groupLevel, notification_level: 3 },
  };
}

/** The project as webhooks carry it. */
export function hookProject(world: World, project: ProjectRecord): Record<string, unknown> {
  const url = projectUrl(world, project);
  return {
    id: project.id,
    name: project.name,
    description: project.description,
    web_url: url,
    avatar_url: null,
    git_ssh_url: sshUrl(world, project),
    git_http_url: `${url}.git`,
    namespace: namespaceName(world, project),
    visibility_level: { private: 0, internal: 10, public: 20 }[project.visibility],
    path_with_namespace: project.fullPath,
    default_branch: project.defaultBranch,
    ci_config_path: '',
    homepage: url,
    url: sshUrl(world, project),
    ssh_url: sshUrl(world, project),
    http_url: `${url}.git`,
  };
}

/** The short `repository` part that most webhooks repeat. */
export function hookRepository(world: World, project: ProjectRecord): Record<string, unknown> {
  return {
    name: project.name,
    url: sshUrl(world, project),
    description: project.description,
    homepage: projectUrl(world, project),
  };
}
