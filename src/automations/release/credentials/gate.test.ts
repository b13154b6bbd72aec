import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idTokenCheck } from '../../../gitlab/id-token/check-id-token.ts';
import { signingKeys } from '../../../gitlab/id-token/signing-keys.ts';
import { createGate, credentialOf, refuseSecretInAddress } from './gate.ts';
import { identityCheck, type OidcRule } from './id-token.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });

let issuer: string;
let server: Server;
let asked: string[] = [];
let down = false;
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (down) {
      response.writeHead(503).end();
      return;
    }
    const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }];
    const discovery = { issuer, jwks_uri: `${issuer}/oauth/discovery/keys` };
    response.end(JSON.stringify(request.url === '/.well-known/openid-configuration' ? discovery : { keys }));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const NOW = Date.parse('2026-11-23T12:00:00Z');
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function token(claims: object = {}, header: object = {}, key: KeyObject = privateKey): string {
  const body = {
    iss: issuer,
    aud: 'https://signalbox.example.com',
    exp: NOW / 1000 + 300,
    iat: NOW / 1000,
    jti: 'token-1',
    project_path: 'acme/appliance',
    ref_protected: 'true',
    ref_type: 'branch',
    ...claims,
  };
  const signed = `${part({ alg: 'RS256', kid: 'one', typ: 'JWT', ...header })}.${part(body)}`;
  return `${signed}.${createSign('sha256').update(signed).sign(key, 'base64url')}`;
}

function gate(now = () => NOW, more: Partial<OidcRule> = {}) {
  const rule = {
    product: 'appliance',
    name: 'gitlab',
    issuer,
    audience: 'https://signalbox.example.com',
    project: 'acme/appliance',
    refProtected: true,
  };
  return createGate({
    secrets: [
      { product: 'appliance', name: 'old', secret: 'first' },
      { product: 'appliance', name: 'new', secret: 'second' },
      { product: 'other', name: 'theirs', secret: 'third' },
    ],
    identities: [{ ...rule, ...more }],
    verify: identityCheck(idTokenCheck({ keys: signingKeys(), now, refusal: 'SBX_RELEASE_NOT_AUTHENTIC' })),
  });
}

describe('shared secrets', () => {
  it('take each other over: both are good for a while', async () => {
    expect([await gate()('appliance', 'first'), await gate()('appliance', 'second')]).toEqual([
      { name: 'old', token: null },
      { name: 'new', token: null },
    ]);
  });

  it.each([
    ['appliance', 'third', 'SBX_RELEASE_NOT_ALLOWED'],
    ['nothing', 'third', 'SBX_RELEASE_NOT_ALLOWED'],
    ['appliance', 'fourth', 'SBX_RELEASE_NOT_AUTHENTIC'],
    ['nothing', 'fourth', 'SBX_RELEASE_NOT_AUTHENTIC'],
    ['appliance', '', 'SBX_RELEASE_NOT_AUTHENTIC'],
    ['appliance', undefined, 'SBX_RELEASE_NOT_AUTHENTIC'],
  ])('%s with %s: %s', async (product, credential, code) => {
    await expect(gate()(product, credential)).rejects.toMatchObject({ code });
  });

  it('stand in headers only', () => {
    expect(credentialOf({ authorization: 'bearer  abc ' })).toBe('abc');
    expect(credentialOf({ authorization: `Basic ${Buffer.from('ci:a:b').toString('base64')}` })).toBe('a:b');
    expect(credentialOf({ 'x-release-secret': 'abc' })).toBe('abc');
    expect(credentialOf({ authorization: 'Digest abc' })).toBeUndefined();
    expect(() => refuseSecretInAddress({ 'x-release-SECRET': 'abc' })).toThrow('looks like a secret');
    expect(() => refuseSecretInAddress({ dry: '1' })).not.toThrow();
  });
});

describe('id_tokens of GitLab', () => {
  it('say who it is', async () => {
    expect(await gate()('appliance', token())).toEqual({
      name: 'gitlab',
      token: { id: 'token-1', expiresAt: NOW + 300_000 },
    });
    const several = token({ aud: ['else', 'https://signalbox.example.com'], project_path: 'Acme/Appliance' });
    expect((await gate()('appliance', several)).name).toBe('gitlab');
  });

  it('may be of unprotected refs only where the configuration says so', async () => {
    const unprotected = token({ ref_protected: 'false' });
    await expect(gate()('appliance', unprotected)).rejects.toMatchObject({ code: 'SBX_RELEASE_NOT_ALLOWED' });
    expect((await gate(undefined, { refProtected: false })('appliance', unprotected)).name).toBe('gitlab');
  });

  it.each([
    ['of another project', () => token({ project_path: 'acme/other' }), 'SBX_RELEASE_NOT_ALLOWED'],
    ['whose ref_protected is no text', () => token({ ref_protected: true }), 'SBX_RELEASE_NOT_AUTHENTIC'],
    ['of a merge request', () => token({ ref_type: 'merge_request' }), 'SBX_RELEASE_NOT_AUTHENTIC'],
    ['for another audience', () => token({ aud: 'https://vault.example.com' }), 'SBX_RELEASE_NOT_AUTHENTIC'],
    ['of another issuer', () => token({ iss: 'http://127.0.0.1:1' }), 'SBX_RELEASE_NOT_AUTHENTIC'],
    ['that has expired', () => token({ exp: NOW / 1000 - 61 }), 'SBX_RELEASE_NOT_AUTHENTIC'],
    ['that is not valid yet', () => token({ nbf: NOW / 1000 + 61 }), 'SBX_RELEASE_NOT_AUTHENTIC'],
    ['with a foreign signature', () => token({}, {}, foreign.privateKey), 'SBX_RELEASE_NOT_AUTHENTIC'],
    ['with an unknown key', () => token({}, { kid: 'two' }), 'SBX_RELEASE_NOT_AUTHENTIC'],
    [
      'without signature',
      () => `${part({ alg: 'none', kid: 'one' })}.${token().split('.')[1]}.`,
      'SBX_RELEASE_NOT_AUTHENTIC',
    ],
    ['signed with the public key as a secret', () => signedWithPublicKey(), 'SBX_RELEASE_NOT_AUTHENTIC'],
    ['that is garbage', () => 'a.b.c', 'SBX_RELEASE_NOT_AUTHENTIC'],
  ])('%s are refused', async (_what, make, code) => {
    await expect(gate()('appliance', make())).rejects.toMatchObject({ code });
  });

  it('are checked with keys that are kept, and never ask an issuer that a token names', async () => {
    const check = gate();
    asked = [];
    await check('appliance', token());
    await check('appliance', token({ jti: 'token-2' }));
    expect(asked).toEqual(['/.well-known/openid-configuration', '/oauth/discovery/keys']);
    for (let at = 0; at < 5; at++) await check('appliance', token({}, { kid: `invented-${at}` })).catch(() => null);
    expect(asked).toHaveLength(2);
    down = true;
    expect((await check('appliance', token({ jti: 'token-3' }))).name).toBe('gitlab');
    await expect(gate()('appliance', token())).rejects.toMatchObject({ code: 'SBX_IDENTITY_UNAVAILABLE' });
    down = false;
  });
});

function signedWithPublicKey(): string {
  const signed = `${part({ alg: 'HS256', kid: 'one' })}.${token().split('.')[1]}`;
  const secret = publicKey.export({ type: 'spki', format: 'pem' });
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
