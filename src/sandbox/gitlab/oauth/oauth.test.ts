import { createHash, createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../start-sandbox.ts';
import { clientOf } from '../test-client.ts';

const CALLBACK = 'http://127.0.0.1:9/callback';
const VERIFIER = 'a-verifier-that-only-the-client-knows-0123456789';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
let sandbox: Sandbox;
let application: { application_id: string; secret: string };

beforeAll(async () => {
  sandbox = await startSandbox();
  const call = clientOf(sandbox);
  const wanted = { name: 'App', redirect_uri: CALLBACK, scopes: 'openid email' };
  expect((await call('developer', 'POST', '/applications', wanted)).status).toBe(403);
  const made = await call('admin', 'POST', '/applications', wanted);
  expect(made.status).toBe(201);
  application = made.body;
  const [listed] = (await call('admin', 'GET', '/applications')).body;
  expect(listed).toMatchObject({ application_name: 'App', callback_url: CALLBACK, confidential: true });
  expect(listed).not.toHaveProperty('secret');
});
afterAll(() => sandbox.close());

const at = (path: string) => `${sandbox.gitlab.url}${path}`;

async function authorize(user: string, more: Record<string, string> = {}): Promise<Response> {
  const fields = {
    client_id: application.application_id,
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid',
    state: 'the-state',
    nonce: 'the-nonce',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...more,
  };
  const headers = { cookie: `sandbox_user=${user}` };
  return fetch(at('/oauth/authorize'), {
    method: 'POST',
    redirect: 'manual',
    headers,
    body: new URLSearchParams(fields),
  });
}

async function codeFor(user: string, more: Record<string, string> = {}): Promise<string> {
  const back = new URL((await authorize(user, more)).headers.get('location') ?? '');
  expect(back.searchParams.get('state')).toBe('the-state');
  return back.searchParams.get('code') ?? '';
}

async function exchange(code: string, more: Record<string, string> = {}) {
  const { application_id: client_id, secret: client_secret } = application;
  const fields = { grant_type: 'authorization_code', code, client_id, client_secret, redirect_uri: CALLBACK };
  const body = new URLSearchParams({ ...fields, code_verifier: VERIFIER, ...more });
  const answer = await fetch(at('/oauth/token'), { method: 'POST', body });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}

const userInfo = async (token: string | undefined) =>
  (await fetch(at('/oauth/userinfo'), { headers: { authorization: `Bearer ${token}` } })).json() as Promise<
    Record<string, unknown>
  >;

it('gives a code for a click, and tokens for the code, once', async () => {
  const code = await codeFor('developer');
  const { status, body } = await exchange(code);
  expect(status).toBe(200);
  expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 7200, scope: 'openid' });
  expect(await exchange(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

it('signs who it was', async () => {
  const { body } = await exchange(await codeFor('maintainer'));
  const [head = '', claims = '', signature = ''] = (body['id_token'] ?? '').split('.');
  const { keys } = (await (await fetch(at('/oauth/discovery/keys'))).json()) as { keys: JsonWebKey[] };
  const key = createPublicKey({ key: keys[0] as JsonWebKey, format: 'jwk' });
  expect(verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
  const told = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
  const { application_id: aud } = application;
  expect(told).toMatchObject({ iss: sandbox.gitlab.url, aud, nonce: 'the-nonce', groups_direct: ['acme'] });
  // The name and the roles are told at the other address only.
  expect(told).not.toHaveProperty('nickname');
  expect(await userInfo(body['access_token'])).toMatchObject({
    sub: told['sub'],
    nickname: 'maintainer',
    groups: ['acme'],
    'https://gitlab.org/claims/groups/maintainer': ['acme'],
  });
});

it('leaves the claim of a role out where it would be empty, and groups where somebody has none', async () => {
  const { body } = await exchange(await codeFor('stranger'));
  const told = await userInfo(body['access_token']);
  expect(told['groups']).toEqual([]);
  expect(Object.keys(told).filter(name => name.startsWith('https://'))).toEqual([]);
});

it.each([
  ['another verifier', { code_verifier: 'x' }, 'invalid_grant'],
  ['no verifier', { code_verifier: '' }, 'invalid_grant'],
  ['another address', { redirect_uri: `${CALLBACK}/` }, 'invalid_grant'],
  ['another secret', { client_secret: 'x' }, 'invalid_client'],
  ['another grant type', { grant_type: 'password' }, 'unsupported_grant_type'],
])('refuses %s', async (_what, more, error) => {
  const answer = await exchange(await codeFor('developer'), more);
  expect(answer.body).toMatchObject({ error });
});

it('sends nobody to an address that was not registered, nor for an application that is not known', async () => {
  expect((await authorize('developer', { redirect_uri: 'http://127.0.0.1:9/other' })).status).toBe(400);
  expect((await authorize('developer', { client_id: 'x' })).status).toBe(401);
  const denied = new URL((await authorize('developer', { _method: 'delete' })).headers.get('location') ?? '');
  expect(denied.searchParams.get('error')).toBe('access_denied');
  const scope = new URL((await authorize('developer', { scope: 'openid api' })).headers.get('location') ?? '');
  expect(scope.searchParams.get('error')).toBe('invalid_scope');
});

it('takes a token back, and lets `openid` alone do nothing in the API', async () => {
  const { access_token: token = '' } = (await exchange(await codeFor('developer'))).body;
  const user = () => fetch(at('/api/v4/user'), { headers: { authorization: `Bearer ${token}` } });
  expect((await user()).status).toBe(403);
  const { application_id: client_id, secret: client_secret } = application;
  const body = new URLSearchParams({ token, client_id, client_secret });
  expect((await fetch(at('/oauth/revoke'), { method: 'POST', body })).status).toBe(200);
  expect(await userInfo(token)).toEqual({ error: 'invalid_token' });
});
