import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../http/read-body.ts';
import { createToken } from '../state/people.ts';
import type { TokenRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { idToken, userInfo } from './claims.ts';
import type { ApplicationRecord, GrantRecord } from './records.ts';

const FORM_LIMIT = 64 * 1024;
const TOKEN_LASTS = 7200;

interface OAuthAnswer {
  status: number;
  body: Record<string, unknown>;
}

/** `POST /oauth/token`: a code, once and with its verifier, for an access token and an id token. */
export async function answerToken(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { input } = await readBody(request, FORM_LIMIT);
  send(response, exchange(world, request, input));
}

/** `POST /oauth/revoke`: 200 whatever became of it, as RFC 7009 wants it. */
export async function answerRevoke(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { input } = await readBody(request, FORM_LIMIT);
  const application = applicationOf(world, request, input);
  if (!application) {
    send(response, { status: 403, body: { error: 'unauthorized_client' } });
    return;
  }
  const token = world.tokens.get(String(input['token']));
  if (token && world.oauth.tokenApplications.get(token.token) === application.id) token.revoked = true;
  send(response, { status: 200, body: {} });
}

/** `GET` or `POST /oauth/userinfo`, with the access token. */
export function answerUserInfo(world: World, request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  send(response, describeOwner(world, /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1]));
}

function describeOwner(world: World, given: string | undefined): OAuthAnswer {
  const token = given === undefined ? undefined : world.tokens.get(given);
  const user = token && world.users.get(token.userId);
  if (!token || !user || isOver(token) || user.state !== 'active')
    return { status: 401, body: { error: 'invalid_token' } };
  if (!token.scopes.includes('openid')) return { status: 403, body: { error: 'insufficient_scope', scope: 'openid' } };
  return { status: 200, body: userInfo(world, user, token.scopes) };
}

function exchange(world: World, request: IncomingMessage, input: Record<string, unknown>): OAuthAnswer {
  const application = applicationOf(world, request, input);
  if (!application) return { status: 401, body: { error: 'invalid_client' } };
  if (input['grant_type'] !== 'authorization_code') return { status: 400, body: { error: 'unsupported_grant_type' } };
  const grant = world.oauth.grants.get(String(input['code']));
  const user = grant && world.users.get(grant.userId);
  if (!grant || !user || !fits(grant, application, input)) return { status: 400, body: { error: 'invalid_grant' } };
  grant.used = true;
  const { scopes, nonce } = grant;
  const token = createToken(world, {
    token: randomBytes(32).toString('hex'),
    userId: user.id,
    name: application.name,
    scopes,
    expiresAt: new Date(Date.now() + TOKEN_LASTS * 1000).toISOString(),
  });
  world.oauth.tokenApplications.set(token.token, application.id);
  const id_token = scopes.includes('openid')
    ? idToken(world, { user, audience: application.uid, scopes, nonce })
    : null;
  return {
    status: 200,
    body: {
      access_token: token.token,
      token_type: 'Bearer',
      expires_in: TOKEN_LASTS,
      refresh_token: randomBytes(32).toString('hex'),
      scope: scopes.join(' '),
      created_at: Math.floor(Date.now() / 1000),
      ...(id_token === null ? {} : { id_token }),
    },
  };
}

/** By HTTP Basic, or by parameters of the form. */
function applicationOf(
  world: World,
  { headers }: IncomingMessage,
  input: Record<string, unknown>,
): ApplicationRecord | undefined {
  const encoded = /^Basic\s+(.+)$/i.exec(headers.authorization ?? '')?.[1];
  const [id = '', secret = ''] =
    encoded === undefined
      ? [String(input['client_id']), String(input['client_secret'])]
      : Buffer.from(encoded, 'base64').toString('utf8').split(':').map(decodeURIComponent);
  const application = world.oauth.applications.get(id);
  return application && isSame(secret, application.secret) ? application : undefined;
}

function fits(grant: GrantRecord, application: ApplicationRecord, input: Record<string, unknown>): boolean {
  if (grant.used || grant.expiresAt <= Date.now() || grant.applicationId !== application.id) return false;
  if (input['redirect_uri'] !== grant.redirectUri) return false;
  if (grant.challenge === null) return true;
  const verifier = typeof input['code_verifier'] === 'string' ? input['code_verifier'] : '';
  const hashed =
    grant.challenge.method === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier;
  return verifier !== '' && isSame(hashed, grant.challenge.value);
}

function isOver(token: TokenRecord): boolean {
  return token.revoked || (token.expiresAt !== null && Date.parse(token.expiresAt) <= Date.now());
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

const DESCRIPTIONS: Record<string, string> = {
  invalid_client:
    'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.',
  invalid_grant:
    'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.',
  unsupported_grant_type: 'The authorization grant type is not supported by the authorization server.',
};

function send(response: ServerResponse, { status, body }: OAuthAnswer): void {
  const description = DESCRIPTIONS[String(body['error'])];
  const sent = description === undefined ? body : { ...body, error_description: description };
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...(status === 401 ? { 'www-authenticate': `Bearer realm="Doorkeeper", error="${String(body['error'])}"` } : {}),
  });
  response.end(JSON.stringify(sent));
}
