import { invalid, notFound } from '../http/api-error.ts';
import { type Answer, accepted, type Call, created, ok } from '../http/call.ts';
import { bool, integer, oneOf, requiredText, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentGroup } from '../present/group.ts';
import { presentProjectBasic } from '../present/project.ts';
import { actorOf, findGroup, groupOf, groupRole, projectGroups } from '../state/access.ts';
import { createGroup } from '../state/people.ts';
import { deleteProject } from '../state/projects.ts';
import { ACCESS, type GroupRecord } from '../state/records.ts';
import { visibleProjects } from './projects.ts';

export function listGroups(call: Call): Answer {
  const { input, world, user } = call;
  const search = text(input, 'search')?.toLowerCase();
  const topLevel = bool(input, 'top_level_only') === true;
  const minimum = integer(input, 'min_access_level') ?? (bool(input, 'owned') === true ? ACCESS.owner : 0);
  const found = [...world.groups.values()].filter(
    group =>
      (group.visibility === 'public' || groupRole(world, user, group) > 0) &&
      groupRole(world, user, group) >= minimum &&
      (search === undefined || group.fullPath.toLowerCase().includes(search)) &&
      (!topLevel || group.parentId === null),
  );
  found.sort((a, b) => (a.name < b.name ? -1 : 1) * (text(input, 'sort') === 'desc' ? -1 : 1));
  return offsetPage(call, found, group => presentGroup(world, group));
}

export function getGroup(call: Call): Answer {
  const group = groupOf(call);
  const projects = visibleProjects(call).filter(
    project => project.namespace.kind === 'group' && project.namespace.groupId === group.id,
  );
  const withProjects = bool(call.input, 'with_projects') !== false;
  return ok({
    ...presentGroup(call.world, group),
    ...(withProjects
      ? { projects: projects.map(project => presentProjectBasic(call.world, project)), shared_projects: [] }
      : {}),
    prevent_forking_outside_group: null,
  });
}

export function postGroup(call: Call): Answer {
  const { user } = actorOf(call);
  const { input, world } = call;
  const name = requiredText(input, 'name');
  const path = requiredText(input, 'path');
  const parentId = integer(input, 'parent_id');
  if (parentId !== null && !world.groups.has(parentId)) throw notFound('Group');
  const fullPath = parentId === null ? path : `${world.groups.get(parentId)?.fullPath}/${path}`;
  if (findGroup(world, fullPath) !== null) throw invalid({ path: ['has already been taken'] });
  if (!/^[A-Za-z0-9_.][A-Za-z0-9_.-]*$/.test(path))
    throw invalid({
      path: [
        "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-' or end in '.', '.git' or '.atom'.",
      ],
    });
  const group = createGroup(world, {
    name,
    path,
    parentId,
    ownerId: user.id,
    visibility: oneOf(input, 'visibility', ['private', 'internal', 'public']) ?? 'private',
    description: text(input, 'description') ?? '',
  });
  return created(presentGroup(world, group));
}

export function putGroup(call: Call): Answer {
  const group = groupOf(call, ACCESS.owner);
  const { input } = call;
  group.name = text(input, 'name') ?? group.name;
  group.description = text(input, 'description') ?? group.description;
  group.visibility = oneOf(input, 'visibility', ['private', 'internal', 'public']) ?? group.visibility;
  return ok(presentGroup(call.world, group));
}

export async function deleteGroup(call: Call): Promise<Answer> {
  const group = groupOf(call, ACCESS.owner);
  const { world } = call;
  for (const project of world.projects.values())
    if (projectGroups(world, project).includes(group)) await deleteProject(world, project);
  for (const child of world.groups.values()) if (isBelow(call, child, group)) world.groups.delete(child.id);
  world.groups.delete(group.id);
  return accepted({ message: '202 Accepted' });
}

function isBelow(call: Call, child: GroupRecord, group: GroupRecord): boolean {
  for (
    let at: GroupRecord | undefined = child;
    at !== undefined;
    at = at.parentId === null ? undefined : call.world.groups.get(at.parentId)
  ) {
    if (at.parentId === group.id) return true;
  }
  return false;
}

export function listSubgroups(call: Call): Answer {
  const group = groupOf(call);
  const found = [...call.world.groups.values()].filter(child => child.parentId === group.id);
  return offsetPage(call, found, child => presentGroup(call.world, child));
}
