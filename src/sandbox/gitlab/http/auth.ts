import type { IncomingHttpHeaders } from 'node:http';
import { findUser } from '../state/people.ts';
import type { TokenRecord, UserRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { ApiError, unauthorized } from './api-error.ts';
import type { Route } from './router.ts';

export interface Identity {
  user: UserRecord | null;
  token: TokenRecord | null;
}

const ANONYMOUS: Identity = { user: null, token: null };

/**
 * Who calls: PRIVATE-TOKEN, `Authorization: Bearer`, `private_token` or `access_token` parameters, and on routes that
 * allow it JOB-TOKEN or `job_token`. An unknown token is 401; a job token on any other route counts as anonymous, as in GitLab.
 */
export function identify(
  world: World,
  headers: IncomingHttpHeaders,
  input: Record<string, unknown>,
  route: Route,
): Identity {
  const given = givenToken(headers, input);
  if (given === null) return jobIdentity(world, headers, input, route);
  const token = world.tokens.get(given);
  if (token === undefined || token.kind === 'job') throw unauthorized();
  return actingAsOther(world, checked(world, token), headers['sudo'] ?? input['sudo']);
}

/** `Sudo: name` lets an admin act as somebody else. */
function actingAsOther(world: World, identity: Identity, wanted: unknown): Identity {
  if (typeof wanted !== 'string' && typeof wanted !== 'number') return identity;
  if (identity.user?.isAdmin !== true)
    throw new ApiError(403, { message: '403 Forbidden - Must be admin to use sudo' });
  const user = findUser(world, wanted);
  if (user === null) throw new ApiError(404, { message: `404 User with ID or username '${wanted}' Not Found` });
  return { ...identity, user };
}

/** For git over HTTP: any user name with a token as its password. */
export function identifyBasic(world: World, headers: IncomingHttpHeaders): Identity {
  const encoded = /^Basic\s+(.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (encoded === undefined) return ANONYMOUS;
  const secret = Buffer.from(encoded, 'base64').toString('utf8').split(':').slice(1).join(':');
  const token = world.tokens.get(secret);
  if (token === undefined) throw unauthorized();
  return checked(world, token);
}

/** A read-only or user-only scope cannot do everything: 403 with OAuth's error body. */
export function checkScope(token: TokenRecord | null, method: string, path: string): void {
  if (token === null || token.kind === 'job' || token.scopes.includes('api')) return;
  const reads = method === 'GET' || method === 'HEAD';
  if (reads && token.scopes.includes('read_api')) return;
  if (reads && token.scopes.includes('read_user') && /^\/api\/v4\/users?(\/|$)/.test(path)) return;
  if (reads && token.scopes.includes('read_repository') && /\/repository\/(files|archive)/.test(path)) return;
  if (path.endsWith('/personal_access_tokens/self')) return;
  throw new ApiError(403, {
    error: 'insufficient_scope',
    error_description: 'The request requires higher privileges than provided by the access token.',
    scope: reads ? 'api read_api' : 'api',
  });
}

function givenToken(headers: IncomingHttpHeaders, input: Record<string, unknown>): string | null {
  const header = headers['private-token'];
  if (typeof header === 'string' && header !== '') return header;
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  for (const name of ['private_token', 'access_token']) {
    const value = input[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return null;
}

function jobIdentity(
  world: World,
  headers: IncomingHttpHeaders,
  input: Record<string, unknown>,
  route: Route,
): Identity {
  const given = headers['job-token'] ?? input['job_token'];
  if (typeof given !== 'string' || given === '' || !route.jobToken) return ANONYMOUS;
  const token = world.tokens.get(given);
  if (token === undefined || token.kind !== 'job') throw unauthorized();
  return checked(world, token);
}

function checked(world: World, token: TokenRecord): Identity {
  const user = world.users.get(token.userId);
  if (user === undefined) throw unauthorized();
  if (token.revoked) throw invalidToken('Token was revoked. You have to re-authorize from the user.');
  if (token.expiresAt !== null && Date.parse(token.expiresAt) <= Date.now()) {
    throw invalidToken('Token is expired. You can either do re-authorization or token refresh.');
  }
  if (user.state !== 'active') {
    throw new ApiError(403, { message: '403 Forbidden - Your account has been blocked.' });
  }
  token.lastUsedAt = new Date().toISOString();
  return { user, token };
}

function invalidToken(description: string): ApiError {
  return new ApiError(401, { error: 'invalid_token', error_description: description });
}
