import { createPublicKey, hash, sign } from 'node:crypto';
import { ancestors } from '../state/access.ts';
import { ACCESS, type GroupRecord, type UserRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { signingKeyOf } from './records.ts';

const ROLE_CLAIM = 'https://gitlab.org/claims/groups/';
/** GitLab's id tokens are good for two minutes. */
const LASTS = 120;

/** `/oauth/userinfo`: what everybody with the scope `openid` is told. */
export function userInfo(world: World, user: UserRecord, scopes: readonly string[]): Record<string, unknown> {
  return {
    ...basicClaims(user, scopes),
    name: user.name,
    nickname: user.username,
    preferred_username: user.username,
    profile: `${world.baseUrl}/${user.username}`,
    picture: null,
    groups: groupsOf(world, user).map(group => group.fullPath),
    ...roleClaims(world, user),
  };
}

export function idToken(
  world: World,
  options: { user: UserRecord; audience: string; scopes: readonly string[]; nonce: string | null },
): string {
  const { user, audience, scopes, nonce } = options;
  const seconds = Math.floor(Date.now() / 1000);
  const { id, key } = signingKeyOf(world.oauth);
  const claims = {
    iss: world.baseUrl,
    aud: audience,
    exp: seconds + LASTS,
    iat: seconds,
    ...(nonce === null ? {} : { nonce }),
    auth_time: seconds,
    ...basicClaims(user, scopes),
    groups_direct: directGroups(world, user).map(group => group.fullPath),
  };
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ typ: 'JWT', kid: id, alg: 'RS256' })}.${part(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

/** `/oauth/discovery/keys`. */
export function publicKeys(world: World): Record<string, unknown> {
  const { id, key } = signingKeyOf(world.oauth);
  const { kty, n, e } = createPublicKey(key).export({ format: 'jwk' });
  return { keys: [{ kty, kid: id, e, n, use: 'sig', alg: 'RS256' }] };
}

function basicClaims(user: UserRecord, scopes: readonly string[]): Record<string, unknown> {
  const email = scopes.includes('email') ? { email: user.email, email_verified: true } : {};
  return { sub: String(user.id), sub_legacy: hash('sha256', `${user.id}-sandbox`), ...email };
}

function directGroups(world: World, user: UserRecord): GroupRecord[] {
  return [...world.groups.values()].filter(group => group.members.has(user.id));
}

/** Direct membership and what it hands down to the groups below. */
function groupsOf(world: World, user: UserRecord): GroupRecord[] {
  return [...world.groups.values()].filter(group => ancestors(world, group.id).some(each => each.members.has(user.id)));
}

/** The groups in which the user himself has exactly this role; a claim without any is left out. */
function roleClaims(world: World, user: UserRecord): Record<string, string[]> {
  const claims: Record<string, string[]> = {};
  for (const role of ['owner', 'maintainer', 'developer'] as const) {
    const groups = directGroups(world, user).filter(group => group.members.get(user.id)?.accessLevel === ACCESS[role]);
    if (groups.length > 0) claims[`${ROLE_CLAIM}${role}`] = groups.map(group => group.fullPath);
  }
  return claims;
}
