import { forbidden, notFound, unauthorized } from '../http/api-error.ts';
import type { Actor, Call } from '../http/call.ts';
import { ACCESS, type GroupRecord, type IssueRecord, type ProjectRecord, type UserRecord } from './records.ts';
import type { World } from './world.ts';

/** Groups above a project or group, nearest first. */
export function ancestors(world: World, groupId: number | null): GroupRecord[] {
  const found: GroupRecord[] = [];
  for (let id = groupId; id !== null; ) {
    const group = world.groups.get(id);
    if (group === undefined) break;
    found.push(group);
    id = group.parentId;
  }
  return found;
}

export function projectGroups(world: World, project: ProjectRecord): GroupRecord[] {
  return project.namespace.kind === 'group' ? ancestors(world, project.namespace.groupId) : [];
}

/** The highest role a user has in a project, directly or through a group; 0 = none. Admins count as owners. */
export function projectRole(world: World, user: UserRecord | null, project: ProjectRecord): number {
  if (user === null) return 0;
  if (user.isAdmin) return ACCESS.owner;
  if (project.namespace.kind === 'user' && project.namespace.userId === user.id) return ACCESS.owner;
  return highest(user, [project, ...projectGroups(world, project)]);
}

export function groupRole(world: World, user: UserRecord | null, group: GroupRecord): number {
  if (user === null) return 0;
  if (user.isAdmin) return ACCESS.owner;
  return highest(user, ancestors(world, group.id));
}

function highest(user: UserRecord, sources: { members: ProjectRecord['members'] }[]): number {
  let level = 0;
  for (const source of sources) {
    const member = source.members.get(user.id);
    if (member === undefined) continue;
    if (member.expiresAt !== null && Date.parse(member.expiresAt) <= Date.now()) continue;
    level = Math.max(level, member.accessLevel);
  }
  return level;
}

export function canReadProject(world: World, user: UserRecord | null, project: ProjectRecord): boolean {
  if (project.visibility === 'public') return true;
  if (project.visibility === 'internal' && user !== null) return true;
  return projectRole(world, user, project) >= ACCESS.guest;
}

/** Code of a private project is for Reporters; Guests see only issues. */
export function canReadCode(world: World, user: UserRecord | null, project: ProjectRecord): boolean {
  if (project.visibility !== 'private') return canReadProject(world, user, project);
  return projectRole(world, user, project) >= ACCESS.reporter;
}

/** Confidential issues: Planner and up, the author and the assignees. */
export function canReadIssue(
  world: World,
  user: UserRecord | null,
  project: ProjectRecord,
  issue: IssueRecord,
): boolean {
  if (!canReadProject(world, user, project)) return false;
  if (!issue.confidential) return true;
  if (user === null) return false;
  if (issue.authorId === user.id || issue.assigneeIds.includes(user.id)) return true;
  return projectRole(world, user, project) >= ACCESS.planner;
}

/** A project by id or full path; null if there is none. */
export function findProject(world: World, idOrPath: string): ProjectRecord | null {
  if (/^\d+$/.test(idOrPath)) return world.projects.get(Number(idOrPath)) ?? null;
  return world.projectsByPath.get(idOrPath.toLowerCase()) ?? null;
}

export function findGroup(world: World, idOrPath: string): GroupRecord | null {
  if (/^\d+$/.test(idOrPath)) return world.groups.get(Number(idOrPath)) ?? null;
  for (const group of world.groups.values()) if (group.fullPath.toLowerCase() === idOrPath.toLowerCase()) return group;
  return null;
}

/** The project of a request: 404 when the caller may not know it exists, 403 when the role is too low. */
export function projectOf(call: Call, minimum: number = 0): ProjectRecord {
  const project = findProject(call.world, call.params['id'] ?? '');
  if (project === null || !canReadProject(call.world, call.user, project)) throw notFound('Project');
  if (call.token?.kind === 'job' && call.token.projectId !== project.id && project.visibility === 'private') {
    throw notFound('Project');
  }
  if (minimum > 0) requireRole(call, project, minimum);
  if (project.archived && call.method !== 'GET' && call.method !== 'HEAD' && !/\/(un)?archive$/.test(call.path)) {
    if (call.method !== 'DELETE' || call.params['id'] === undefined || Object.keys(call.params).length > 1)
      throw forbidden();
  }
  return project;
}

/** The same for what lies in the repository. */
export function codeProjectOf(call: Call, minimum: number = 0): ProjectRecord {
  const project = projectOf(call, minimum);
  if (!canReadCode(call.world, call.user, project)) throw forbidden();
  return project;
}

export function groupOf(call: Call, minimum: number = 0): GroupRecord {
  const group = findGroup(call.world, call.params['id'] ?? '');
  if (group === null) throw notFound('Group');
  const role = groupRole(call.world, call.user, group);
  if (role === 0 && group.visibility === 'private' && !reachesIntoGroup(call, group)) throw notFound('Group');
  if (minimum > 0 && role < minimum) throw call.user === null ? unauthorized() : forbidden();
  return group;
}

/** Members of a project in a private group may see that group. */
function reachesIntoGroup(call: Call, group: GroupRecord): boolean {
  for (const project of call.world.projects.values()) {
    if (projectGroups(call.world, project).includes(group) && projectRole(call.world, call.user, project) > 0)
      return true;
  }
  return false;
}

export function requireRole(call: Call, project: ProjectRecord, minimum: number): void {
  if (call.user === null) throw unauthorized();
  if (projectRole(call.world, call.user, project) < minimum) throw forbidden();
}

/** Who acts; 401 for an anonymous caller. */
export function actorOf(call: Call): Actor {
  if (call.user === null) throw unauthorized();
  return { user: call.user, eventUuid: call.eventUuid };
}
