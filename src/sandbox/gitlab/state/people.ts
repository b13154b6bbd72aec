import { randomBytes } from 'node:crypto';
import {
  ACCESS,
  type AccessLevel,
  type GroupRecord,
  type ProjectRecord,
  type TokenRecord,
  type UserRecord,
} from './records.ts';
import { nextId, now, type World } from './world.ts';

export function createUser(
  world: World,
  user: { username: string; name: string; email?: string; isAdmin?: boolean; bot?: boolean },
): UserRecord {
  const at = now(world);
  const record: UserRecord = {
    id: nextId(world, 'users'),
    username: user.username,
    name: user.name,
    email: user.email ?? `${user.username}@example.com`,
    state: 'active',
    isAdmin: user.isAdmin ?? false,
    bot: user.bot ?? false,
    namespaceId: nextId(world, 'namespaces'),
    createdAt: at,
    lastActivityOn: at.slice(0, 10),
    bio: '',
    extra: {},
  };
  world.users.set(record.id, record);
  return record;
}

export function findUser(world: World, idOrName: string | number): UserRecord | null {
  if (typeof idOrName === 'number' || /^\d+$/.test(idOrName)) return world.users.get(Number(idOrName)) ?? null;
  const wanted = idOrName.replace(/^@/, '').toLowerCase();
  for (const user of world.users.values()) if (user.username.toLowerCase() === wanted) return user;
  return null;
}

export function createToken(
  world: World,
  token: Partial<TokenRecord> & { userId: number; name: string; scopes: string[] },
): TokenRecord {
  const record: TokenRecord = {
    id: nextId(world, 'tokens'),
    token: `glpat-${randomBytes(15).toString('base64url')}`,
    kind: 'personal',
    description: null,
    createdAt: now(world),
    expiresAt: null,
    lastUsedAt: null,
    revoked: false,
    projectId: null,
    groupId: null,
    accessLevel: null,
    ...token,
  };
  world.tokens.set(record.token, record);
  return record;
}

/** The bot user behind a project or group access token, as GitLab names it. */
export function createBotUser(
  world: World,
  owner: ProjectRecord | GroupRecord,
  kind: 'project' | 'group',
  name: string,
): UserRecord {
  const username = `${kind}_${owner.id}_bot_${randomBytes(16).toString('hex')}`;
  const user = createUser(world, { username, name, bot: true, email: `${username}@noreply.example.com` });
  return user;
}

export function addMember(
  world: World,
  owner: ProjectRecord | GroupRecord,
  userId: number,
  accessLevel: AccessLevel,
  options: { expiresAt?: string | null; createdById?: number | null } = {},
): void {
  owner.members.set(userId, {
    userId,
    accessLevel,
    createdAt: now(world),
    createdById: options.createdById ?? null,
    expiresAt: options.expiresAt ?? null,
  });
}

export function createGroup(
  world: World,
  group: {
    name: string;
    path: string;
    parentId?: number | null;
    ownerId?: number;
    visibility?: GroupRecord['visibility'];
    description?: string;
  },
): GroupRecord {
  const parent =
    group.parentId === undefined || group.parentId === null ? null : (world.groups.get(group.parentId) ?? null);
  const record: GroupRecord = {
    id: nextId(world, 'namespaces'),
    name: group.name,
    path: group.path,
    fullPath: parent === null ? group.path : `${parent.fullPath}/${group.path}`,
    description: group.description ?? '',
    visibility: group.visibility ?? 'private',
    parentId: parent?.id ?? null,
    createdAt: now(world),
    members: new Map(),
    labels: new Map(),
    milestones: new Map(),
    hooks: new Map(),
    boards: new Map(),
    extra: {},
  };
  world.groups.set(record.id, record);
  if (group.ownerId !== undefined) addMember(world, record, group.ownerId, ACCESS.owner);
  return record;
}
