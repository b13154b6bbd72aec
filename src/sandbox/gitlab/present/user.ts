import { createHash } from 'node:crypto';
import type { MemberRecord, UserRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';

const avatars = new Map<string, string>();

export function avatarUrl(user: UserRecord): string {
  const known = avatars.get(user.email);
  if (known !== undefined) return known;
  const hash = createHash('md5').update(user.email.toLowerCase()).digest('hex');
  const url = `https://www.gravatar.com/avatar/${hash}?s=80&d=identicon`;
  avatars.set(user.email, url);
  return url;
}

/** `UserBasic`: the person as it stands in issues, notes and merge requests. */
export function presentUserBasic(world: World, user: UserRecord): Record<string, unknown> {
  return {
    id: user.id,
    username: user.username,
    public_email: '',
    name: user.name,
    state: user.state,
    locked: false,
    avatar_url: avatarUrl(user),
    web_url: `${world.baseUrl}/${user.username}`,
  };
}

/** The same by id; a user that is gone is shown as null. */
export function presentUserId(world: World, id: number | null): Record<string, unknown> | null {
  const user = id === null ? undefined : world.users.get(id);
  return user === undefined ? null : presentUserBasic(world, user);
}

/** `GET /users/:id`. */
export function presentUserProfile(world: World, user: UserRecord): Record<string, unknown> {
  return {
    ...presentUserBasic(world, user),
    created_at: user.createdAt,
    bio: user.bio,
    location: '',
    linkedin: '',
    twitter: '',
    discord: '',
    website_url: '',
    github: '',
    job_title: '',
    pronouns: null,
    organization: '',
    bot: user.bot,
    work_information: null,
    local_time: null,
    is_followed: false,
    followers: 0,
    following: 0,
    ...pick(user.extra),
  };
}

/** `GET /user`, and what an admin sees of others. */
export function presentUserFull(world: World, user: UserRecord, asAdmin: boolean): Record<string, unknown> {
  return {
    ...presentUserProfile(world, user),
    last_sign_in_at: user.createdAt,
    confirmed_at: user.createdAt,
    last_activity_on: user.lastActivityOn,
    email: user.email,
    theme_id: 3,
    color_scheme_id: 1,
    projects_limit: 100_000,
    current_sign_in_at: user.createdAt,
    identities: [],
    can_create_group: !user.bot,
    can_create_project: !user.bot,
    two_factor_enabled: false,
    external: false,
    private_profile: false,
    commit_email: user.email,
    ...(asAdmin ? { is_admin: user.isAdmin, note: null, namespace_id: user.namespaceId, created_by: null } : {}),
    ...pick(user.extra),
  };
}

export function presentMember(world: World, member: MemberRecord): Record<string, unknown> {
  const user = world.users.get(member.userId)!;
  return {
    ...presentUserBasic(world, user),
    access_level: member.accessLevel,
    created_at: member.createdAt,
    created_by: presentUserId(world, member.createdById),
    expires_at: member.expiresAt,
    membership_state: 'active',
  };
}

/** The person as webhooks carry it. */
export function hookUser(user: UserRecord): Record<string, unknown> {
  return { id: user.id, name: user.name, username: user.username, avatar_url: avatarUrl(user), email: '[REDACTED]' };
}

function pick(extra: Record<string, unknown>): Record<string, unknown> {
  const known = [
    'location',
    'linkedin',
    'twitter',
    'website_url',
    'job_title',
    'organization',
    'skype',
    'identities',
    'external',
  ];
  return Object.fromEntries(Object.entries(extra).filter(([name]) => known.includes(name)));
}
