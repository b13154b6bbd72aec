import { ancestors } from '../state/access.ts';
import type { GroupRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { groupUrl } from './urls.ts';

export function presentGroup(world: World, group: GroupRecord): Record<string, unknown> {
  return {
    id: group.id,
    web_url: groupUrl(world, group),
    name: group.name,
    path: group.path,
    description: group.description,
    visibility: group.visibility,
    share_with_group_lock: false,
    require_two_factor_authentication: false,
    two_factor_grace_period: 48,
    project_creation_level: 'developer',
    auto_devops_enabled: null,
    subgroup_creation_level: 'maintainer',
    emails_disabled: false,
    emails_enabled: true,
    mentions_disabled: null,
    lfs_enabled: true,
    archived: false,
    math_rendering_limits_enabled: true,
    lock_math_rendering_limits_enabled: false,
    default_branch: null,
    default_branch_protection: 2,
    avatar_url: null,
    request_access_enabled: true,
    full_name: ancestors(world, group.id)
      .map(part => part.name)
      .reverse()
      .join(' / '),
    full_path: group.fullPath,
    created_at: group.createdAt,
    parent_id: group.parentId,
    organization_id: 1,
    shared_runners_setting: 'enabled',
    marked_for_deletion_on: null,
    ...group.extra,
  };
}
