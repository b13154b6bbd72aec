import { ApiError, conflict, invalid, notFound } from '../http/api-error.ts';
import { type Answer, accepted, type Call, created, ok } from '../http/call.ts';
import { bool, integer, oneOf, text } from '../http/input.ts';
import { offsetPageAsync, pageOf, pageUrl, wantsKeyset } from '../http/paginate.ts';
import { forksOf, presentProject, presentProjectBasic } from '../present/project.ts';
import {
  actorOf,
  canReadProject,
  findGroup,
  groupOf,
  groupRole,
  projectGroups,
  projectOf,
  projectRole,
} from '../state/access.ts';
import { namespacePath } from '../state/namespace-path.ts';
import { findUser } from '../state/people.ts';
import { createProject, deleteProject, type NewProject } from '../state/projects.ts';
import { ACCESS, type GroupRecord, type ProjectRecord } from '../state/records.ts';
import { now } from '../state/world.ts';
import { applySettings } from './project-settings.ts';

export function visibleProjects(call: Call): ProjectRecord[] {
  return [...call.world.projects.values()].filter(project => canReadProject(call.world, call.user, project));
}

async function present(call: Call, project: ProjectRecord): Promise<Record<string, unknown>> {
  if (bool(call.input, 'simple') === true || call.user === null) return presentProjectBasic(call.world, project);
  return presentProject(call.world, project, call.user, { empty: await isEmpty(project) });
}

export async function isEmpty(project: ProjectRecord): Promise<boolean> {
  return (await project.repository.branches()).length === 0;
}

export async function listProjects(call: Call): Promise<Answer> {
  return answerList(call, visibleProjects(call));
}

export async function listGroupProjects(call: Call): Promise<Answer> {
  const group = groupOf(call);
  const deep = bool(call.input, 'include_subgroups') === true;
  const inside = visibleProjects(call).filter(project => {
    const groups = projectGroups(call.world, project);
    return deep ? groups.includes(group) : groups[0] === group;
  });
  return answerList(call, inside);
}

export async function listUserProjects(call: Call): Promise<Answer> {
  const id = Number(call.params['id']);
  const own = visibleProjects(call).filter(
    project => project.namespace.kind === 'user' && project.namespace.userId === id,
  );
  return answerList(call, own);
}

export async function listForks(call: Call): Promise<Answer> {
  const project = projectOf(call);
  return answerList(
    call,
    forksOf(call.world, project).filter(fork => canReadProject(call.world, call.user, fork)),
  );
}

async function answerList(call: Call, projects: ProjectRecord[]): Promise<Answer> {
  const { input, world, user } = call;
  const search = text(input, 'search')?.toLowerCase();
  const minimum = integer(input, 'min_access_level') ?? 0;
  const archived = bool(input, 'archived');
  const visibility = text(input, 'visibility');
  const after = integer(input, 'id_after');
  const before = integer(input, 'id_before');
  const found = projects.filter(
    project =>
      (search === undefined || `${project.fullPath} ${project.name}`.toLowerCase().includes(search)) &&
      (bool(input, 'membership') !== true || isMember(call, project)) &&
      (bool(input, 'owned') !== true || isOwner(call, project)) &&
      (minimum === 0 || projectRole(world, user, project) >= minimum) &&
      (archived === null || project.archived === archived) &&
      (visibility === null || project.visibility === visibility) &&
      (after === null || project.id > after) &&
      (before === null || project.id < before),
  );
  sortProjects(call, found);
  if (!wantsKeyset(call)) return offsetPageAsync(call, found, project => present(call, project));
  const { perPage } = pageOf(call);
  const page = found.slice(0, perPage);
  const last = page.at(-1);
  const parameter = text(input, 'sort') === 'asc' ? 'id_after' : 'id_before';
  const next =
    last !== undefined && found.length > perPage
      ? { link: `<${pageUrl(call, { [parameter]: last.id, page: null })}>; rel="next"` }
      : {};
  return ok(await Promise.all(page.map(project => present(call, project))), next);
}

function sortProjects(call: Call, projects: ProjectRecord[]): void {
  const orderBy = text(call.input, 'order_by') ?? 'created_at';
  const direction = text(call.input, 'sort') === 'asc' ? 1 : -1;
  if (wantsKeyset(call) && orderBy !== 'id')
    throw new ApiError(405, { error: 'Keyset pagination is not yet available for this type of request' });
  const key = (project: ProjectRecord): string | number => {
    if (orderBy === 'name' || orderBy === 'path') return project[orderBy].toLowerCase();
    if (orderBy === 'last_activity_at' || orderBy === 'updated_at') return project.lastActivityAt;
    return project.id;
  };
  projects.sort((a, b) => (key(a) < key(b) ? -direction : key(a) > key(b) ? direction : 0));
}

function isMember(call: Call, project: ProjectRecord): boolean {
  const { user, world } = call;
  if (user === null) return false;
  return [project, ...projectGroups(world, project)].some(owner => owner.members.has(user.id));
}

/** Their own namespace, or made owner of it: an admin may do everything everywhere and still does not own it all. */
function isOwner(call: Call, project: ProjectRecord): boolean {
  const { user, world } = call;
  if (user === null) return false;
  if (project.namespace.kind === 'user' && project.namespace.userId === user.id) return true;
  const level = (owner: ProjectRecord | GroupRecord) => owner.members.get(user.id)?.accessLevel ?? 0;
  return [project, ...projectGroups(world, project)].some(owner => level(owner) >= ACCESS.owner);
}

export async function getProject(call: Call): Promise<Answer> {
  return ok(await present(call, projectOf(call)));
}

function namespaceFor(call: Call): NewProject['namespace'] {
  const { user } = actorOf(call);
  const id = integer(call.input, 'namespace_id');
  if (id === null || id === user.namespaceId) return { kind: 'user', userId: user.id };
  const group = call.world.groups.get(id);
  if (group === undefined || groupRole(call.world, user, group) < ACCESS.developer) {
    throw invalid({ namespace: ['is not valid'], limit_reached: [] });
  }
  return { kind: 'group', groupId: group.id };
}

export async function postProject(call: Call): Promise<Answer> {
  const { user } = actorOf(call);
  const { input, world } = call;
  const name = text(input, 'name') ?? text(input, 'path');
  if (name === null)
    throw new ApiError(400, { error: 'name, path are missing, at least one parameter must be provided' });
  const path =
    text(input, 'path') ??
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9_.-]+/g, '-')
      .replaceAll(/^-|-$/g, '');
  const namespace = namespaceFor(call);
  checkPath(call, namespace, path, name);
  const project = await createProject(world, {
    name,
    path,
    namespace,
    creator: user,
    description: text(input, 'description'),
    visibility: oneOf(input, 'visibility', ['private', 'internal', 'public']) ?? 'private',
    ...(text(input, 'default_branch') === null ? {} : { defaultBranch: text(input, 'default_branch')! }),
  });
  await applySettings(call, project);
  if (bool(input, 'initialize_with_readme') === true) await writeReadme(project, user.name, user.email);
  return created(await present(call, project));
}

async function writeReadme(project: ProjectRecord, name: string, email: string): Promise<void> {
  await project.repository.commitFiles({
    branch: project.defaultBranch,
    message: 'Initial commit',
    author: { name, email },
    actions: [{ action: 'create', path: 'README.md', content: Buffer.from(`# ${project.name}\n`) }],
  });
}

function checkPath(call: Call, namespace: NewProject['namespace'], path: string, name: string): void {
  const fullPath = `${namespacePath(call.world, namespace)}/${path}`;
  if (call.world.projectsByPath.has(fullPath.toLowerCase())) {
    throw invalid({
      name: ['has already been taken'],
      path: ['has already been taken'],
      project_namespace: ['name has already been taken'],
    });
  }
  if (!/^[A-Za-z0-9_.][A-Za-z0-9_.-]*$/.test(path) || /\.(git|atom)$/.test(path)) {
    throw invalid({
      path: [
        "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-', end in '.git' or end in '.atom'",
      ],
    });
  }
  if (!/^[\p{L}\p{N}_\p{Emoji}]/u.test(name))
    throw invalid({
      name: [
        "can contain only letters, digits, emoji, '_', '.', '+', dashes, or spaces. It must start with a letter, digit, emoji, or '_'.",
      ],
    });
}

export async function putProject(call: Call): Promise<Answer> {
  const project = projectOf(call, ACCESS.maintainer);
  await applySettings(call, project);
  return ok(await present(call, project));
}

export async function removeProject(call: Call): Promise<Answer> {
  const project = projectOf(call, ACCESS.owner);
  await deleteProject(call.world, project);
  return accepted({ message: '202 Accepted' });
}

export async function forkProject(call: Call): Promise<Answer> {
  const origin = projectOf(call);
  const { user } = actorOf(call);
  const { input, world } = call;
  const wanted = text(input, 'namespace_path') ?? text(input, 'namespace');
  const owner = wanted === null || user.isAdmin !== true ? user : (findUser(world, wanted) ?? user);
  const group = wanted === null || wanted === owner.username ? null : findGroup(world, wanted);
  if (wanted !== null && wanted !== owner.username && group === null) throw notFound('Target Namespace');
  const own: NewProject['namespace'] = owner === user ? namespaceFor(call) : { kind: 'user', userId: owner.id };
  const namespace: NewProject['namespace'] = group === null ? own : { kind: 'group', groupId: group.id };
  const path = text(input, 'path') ?? origin.path;
  if (world.projectsByPath.has(`${namespacePath(world, namespace)}/${path}`.toLowerCase())) {
    throw conflict(
      'Project namespace name has already been taken, Name has already been taken, Path has already been taken',
    );
  }
  const fork = await createProject(world, {
    name: text(input, 'name') ?? origin.name,
    path,
    namespace,
    creator: user,
    description: origin.description,
    visibility: oneOf(input, 'visibility', ['private', 'internal', 'public']) ?? origin.visibility,
    forkOf: origin,
  });
  return created(await present(call, fork));
}

export function archiveProject(archived: boolean): (call: Call) => Promise<Answer> {
  return async call => {
    const project = projectOf(call, ACCESS.owner);
    project.archived = archived;
    project.lastActivityAt = now(call.world);
    return created(await present(call, project));
  };
}

export function listLanguages(call: Call): Answer {
  projectOf(call);
  return ok({});
}
