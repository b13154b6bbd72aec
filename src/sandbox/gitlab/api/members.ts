import { badParameter, conflict, notFound } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent, ok } from '../http/call.ts';
import { demand, integer, integers, list, pathInteger, requiredInteger, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentMember, presentUserBasic } from '../present/user.ts';
import { actorOf, ancestors, groupOf, projectGroups, projectOf } from '../state/access.ts';
import { addMember, findUser } from '../state/people.ts';
import { ACCESS, type AccessLevel, type GroupRecord, type MemberRecord, type ProjectRecord } from '../state/records.ts';

type Owner = { own: ProjectRecord | GroupRecord; above: GroupRecord[] };

function ownerOf(call: Call, kind: 'project' | 'group', minimum = 0): Owner {
  if (kind === 'project') {
    const project = projectOf(call, minimum);
    return { own: project, above: projectGroups(call.world, project) };
  }
  const group = groupOf(call, minimum);
  return { own: group, above: ancestors(call.world, group.parentId) };
}

/** Direct and inherited members, each once, with the highest role. */
function allMembers(owner: Owner): MemberRecord[] {
  const best = new Map<number, MemberRecord>();
  for (const source of [owner.own, ...owner.above]) {
    for (const member of source.members.values()) {
      const known = best.get(member.userId);
      if (known === undefined || known.accessLevel < member.accessLevel) best.set(member.userId, member);
    }
  }
  return [...best.values()];
}

export function listMembers(kind: 'project' | 'group', inherited: boolean): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, kind);
    const query = text(call.input, 'query')?.toLowerCase();
    const ids = integers(call.input, 'user_ids');
    const members = (inherited ? allMembers(owner) : [...owner.own.members.values()]).filter(member => {
      const user = call.world.users.get(member.userId);
      if (user === undefined || (ids !== null && !ids.includes(user.id))) return false;
      return query === undefined || `${user.name} ${user.username} ${user.email}`.toLowerCase().includes(query);
    });
    members.sort((a, b) => a.userId - b.userId);
    return offsetPage(call, members, member => presentMember(call.world, member));
  };
}

/** The people of a project and of the groups above it, as plain users. */
export function listProjectUsers(call: Call): Answer {
  const search = text(call.input, 'search')?.toLowerCase() ?? '';
  const users = allMembers(ownerOf(call, 'project')).map(member => call.world.users.get(member.userId)!);
  const found = users.filter(user => `${user.name} ${user.username}`.toLowerCase().includes(search));
  return offsetPage(call, found, user => presentUserBasic(call.world, user));
}

export function getMember(kind: 'project' | 'group', inherited: boolean): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, kind);
    const userId = pathInteger(call, 'user_id');
    const members = inherited ? allMembers(owner) : [...owner.own.members.values()];
    const member = members.find(candidate => candidate.userId === userId);
    if (member === undefined || !call.world.users.has(userId)) throw notFound();
    return ok(presentMember(call.world, member));
  };
}

function levelOf(call: Call): AccessLevel {
  const level = requiredInteger(call.input, 'access_level');
  if (!Object.values(ACCESS).includes(level as AccessLevel))
    throw badParameter('access_level does not have a valid value');
  return level as AccessLevel;
}

export function postMember(kind: 'project' | 'group'): (call: Call) => Answer {
  return call => {
    const { own } = ownerOf(call, kind, ACCESS.maintainer);
    const { world, input } = call;
    demand(input, 'access_level');
    const ids = list(input, 'user_id') ?? [];
    const username = text(input, 'username');
    const user =
      username === null ? findUser(world, integer(input, 'user_id') ?? Number(ids[0])) : findUser(world, username);
    if (user === null) throw notFound('User');
    if (own.members.has(user.id)) throw conflict('Member already exists');
    addMember(world, own, user.id, levelOf(call), {
      expiresAt: text(input, 'expires_at'),
      createdById: actorOf(call).user.id,
    });
    return created(presentMember(world, own.members.get(user.id)!));
  };
}

export function putMember(kind: 'project' | 'group'): (call: Call) => Answer {
  return call => {
    const { own } = ownerOf(call, kind, ACCESS.maintainer);
    const member = own.members.get(pathInteger(call, 'user_id'));
    if (member === undefined) throw notFound();
    member.accessLevel = levelOf(call);
    if (call.input['expires_at'] !== undefined) member.expiresAt = text(call.input, 'expires_at');
    return ok(presentMember(call.world, member));
  };
}

export function deleteMember(kind: 'project' | 'group'): (call: Call) => Answer {
  return call => {
    const { own } = ownerOf(call, kind, ACCESS.maintainer);
    if (!own.members.delete(pathInteger(call, 'user_id'))) throw notFound();
    return noContent();
  };
}
