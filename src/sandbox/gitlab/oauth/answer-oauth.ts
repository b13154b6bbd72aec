import type { IncomingMessage, ServerResponse } from 'node:http';
import type { UserRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { answerAuthorize } from './authorize.ts';
import { publicKeys } from './claims.ts';
import { answerRevoke, answerToken, answerUserInfo } from './token.ts';

const OURS = /^\/(oauth\/(authorize|token|revoke|userinfo|discovery\/keys)|\.well-known\/openid-configuration)$/;

export function isOAuth(path: string): boolean {
  return OURS.test(path);
}

/** GitLab as an identity provider: OAuth 2 and OpenID Connect, as Doorkeeper answers it. */
export async function answerOAuth(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  { url, user }: { url: URL; user: UserRecord },
): Promise<void> {
  switch (url.pathname) {
    case '/oauth/authorize':
      return answerAuthorize(world, request, response, { url, user });
    case '/oauth/token':
      return answerToken(world, request, response);
    case '/oauth/revoke':
      return answerRevoke(world, request, response);
    case '/oauth/userinfo':
      return answerUserInfo(world, request, response);
    case '/oauth/discovery/keys':
      return send(request, response, publicKeys(world));
    default:
      return send(request, response, discovery(world));
  }
}

function discovery({ baseUrl }: World): Record<string, unknown> {
  return {
    issuer: baseUrl,
    authorization_endpoint: `${baseUrl}/oauth/authorize`,
    token_endpoint: `${baseUrl}/oauth/token`,
    revocation_endpoint: `${baseUrl}/oauth/revoke`,
    introspection_endpoint: `${baseUrl}/oauth/introspect`,
    userinfo_endpoint: `${baseUrl}/oauth/userinfo`,
    jwks_uri: `${baseUrl}/oauth/discovery/keys`,
    scopes_supported: ['api', 'read_api', 'read_user', 'openid', 'profile', 'email'],
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    grant_types_supported: ['authorization_code', 'password', 'client_credentials', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    claim_types_supported: ['normal'],
    claims_supported: ['iss', 'sub', 'aud', 'exp', 'iat', 'sub_legacy', 'name', 'nickname', 'groups', 'groups_direct'],
    code_challenge_methods_supported: ['plain', 'S256'],
  };
}

function send(request: IncomingMessage, response: ServerResponse, body: Record<string, unknown>): void {
  request.resume();
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
