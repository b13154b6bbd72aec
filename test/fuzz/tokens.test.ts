import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, expect } from 'vitest';
import type { Documents } from '../../src/engine/documents/documents.ts';
import { idTokenCheck } from '../../src/gitlab/id-token/check-id-token.ts';
import { bearerOf } from '../../src/known-secrets.ts';
import { cookieJar } from '../../src/service/sign-in/cookies.ts';
import { returnPath } from '../../src/service/sign-in/return-path.ts';
import { openSeal, type Seal } from '../../src/service/sign-in/sealed.ts';
import { readEscalation, readEscalations, readPreview, readProblem } from '../../src/userscript/service/read-answer.ts';
import { fuzz, fuzzJson } from './fuzz.ts';

const ISSUER = 'https://gitlab.example.com';
const NOW = 1_764_000_000;
const { privateKey, publicKey } = await generateKeyPair('ES256');
const { privateKey: another } = await generateKeyPair('ES256');
const CLAIMS = {
  project_path: 'acme/appliance',
  ref: 'main',
  ref_protected: 'true',
  ref_type: 'branch',
  sha: 'a'.repeat(40),
};
const signed = (key: typeof privateKey, claims: object = CLAIMS) =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .setIssuer(ISSUER)
    .setAudience('signalbox')
    .setJti('j')
    .setExpirationTime(NOW + 300)
    .sign(key);
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = { iss: ISSUER, aud: 'signalbox', exp: NOW + 300, jti: 'j', ...CLAIMS };
const genuine = await signed(privateKey);
const forged = [
  await signed(another),
  `${part({ alg: 'none' })}.${part(claims)}.`,
  `${part({ alg: 'HS256', kid: 'k' })}.${part(claims)}.AAAA`,
  `${part({ alg: 'ES256', kid: 'k', jwk: await exportJWK(publicKey), crit: ['x'] })}.${part(claims)}.AAAA`,
];
const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] });
const check = idTokenCheck({ keys: async () => keys, now: () => NOW * 1000, refusal: 'SBX_RELEASE_NOT_AUTHENTIC' });
const RULES = [{ issuer: ISSUER, audience: 'signalbox' }];
/** Of the last character of a signature some bits say nothing. */
const essence = (token: string) => Buffer.from(token.split('.')[2] ?? '', 'base64url').toString('hex');

fuzz("a CI job's id_token", {
  corpus: [genuine, ...forged].map(token => Buffer.from(token)),
  words: ['.', '=', part({ alg: 'none' }), part(claims), '..', '\0', 'eyJ'],
  parse: async bytes => {
    const token = bytes.toString('latin1');
    const identity = await check(token, RULES);
    expect(identity.project).toBe('acme/appliance');
    // Whatever is taken for genuine is the genuine one.
    expect(token.split('.').slice(0, 2)).toEqual(genuine.split('.').slice(0, 2));
    expect(essence(token)).toBe(essence(genuine));
  },
});

fuzzJson('the claims of an id_token that is genuine', {
  corpus: [{ ...CLAIMS, pipeline_source: 'push' }],
  parse: async value => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const token = await signed(privateKey, value as object).catch(() => null);
    if (token === null) return;
    const identity = await check(token, RULES);
    expect([typeof identity.project, typeof identity.refProtected]).toEqual(['string', 'boolean']);
    expect(['branch', 'tag']).toContain(identity.refType);
  },
});

let seal: Seal;
beforeAll(async () => {
  const documents = {
    change: async (_kind: string, _id: string, make: (current: null) => { body: unknown }) => make(null).body,
  };
  seal = await openSeal(documents as unknown as Documents);
});

fuzz('a value that we have sealed', {
  corpus: ['{"state":"s"}', 'null', '[1]'].map(text => Buffer.from(text)),
  words: ['.', '=', '{}'],
  parse: bytes => {
    const sealed = seal.close({ state: bytes.toString('latin1') });
    expect(seal.open(sealed)).toEqual({ state: bytes.toString('latin1') });
    const [text = '', signature = ''] = sealed.split('.');
    for (const wrong of [`${text}A.${signature}`, `${text}.${signature.slice(1)}`, bytes.toString('latin1'), text])
      expect(seal.open(wrong)).toBeNull();
  },
});

fuzz('cookies', {
  corpus: ['signalbox-session=abc; other=1', '__Host-signalbox-session=abc;signalbox-session=x', 'a=b'].map(text =>
    Buffer.from(text),
  ),
  words: ['; ', '=', 'signalbox-session=', ';', ',', '"'],
  parse: bytes => {
    const header = bytes.toString('latin1');
    for (const secure of [true, false]) {
      const jar = cookieJar(secure);
      const value = jar.read(header, 'session');
      if (value !== undefined) {
        expect(value).not.toMatch(/;\s/);
        expect(header).toContain(`${secure ? '__Host-' : ''}signalbox-session=${value}`);
      }
    }
  },
});

fuzz('where to go after signing in', {
  corpus: ['/releases?q=1#x', '//evil.example/', '/\\evil.example', '/%2f/x', '/a/../..//b', '/sign-in/link/x'].map(
    text => Buffer.from(text),
  ),
  words: ['/', '\\', '//', '..', '%2e', '%5c', '\t', '\n', 'https:', '@', ':', '.evil.example', '?', '#'],
  parse: bytes => {
    const to = returnPath(bytes.toString('utf8'));
    const url = new URL(to, 'https://signalbox.example.com/sign-in');
    expect(url.origin).toBe('https://signalbox.example.com');
    expect(to).toMatch(/^\/(?![/\\])/);
    expect(to).not.toMatch(/[\r\n\0]/);
  },
});

fuzz('the header Authorization', {
  corpus: ['Bearer abc.def', 'bearer  x ', 'Basic QQ=='].map(text => Buffer.from(text)),
  words: ['Bearer ', ' ', '\t', ','],
  parse: bytes => {
    expect(bearerOf(bytes.toString('latin1')) ?? 'x').toMatch(/^\S+$/);
  },
});

const escalation = {
  ticket_id: 101,
  state: 'done',
  progress: { done: 1, total: 2, step: 'x' },
  issue: {
    iid: 1,
    url: 'https://gitlab.example.com/acme/appliance/-/issues/1',
    project: 'acme/appliance',
    state: 'opened',
    labels: ['a'],
  },
  warnings: ['w'],
  error: { detail: 'd' },
  requested_by: 'Ada',
};
const WEB = /^https?:\/\//;

fuzzJson("what the service answers to the button's script", {
  corpus: [
    escalation,
    { tickets: [escalation, null, 1] },
    {
      title: 't',
      description: 'd',
      comments: [{ body: 'b', internal: true }],
      files: [{ name: 'n', size: 1, copied: false, reason: 'r' }],
      similar: [{ title: 't', url: 'javascript:alert(1)', state: 'opened' }],
      warnings: [],
    },
    { title: 't', detail: 'd', remedy: 'r' },
  ],
  parse: value => {
    expect(readEscalation(value)?.issue?.url ?? 'https://').toMatch(WEB);
    for (const each of readEscalations(value)) expect(each.issue?.url ?? 'https://').toMatch(WEB);
    const preview = readPreview(value);
    for (const { url } of preview.similar) expect(url ?? 'https://').toMatch(WEB);
    for (const text of [preview.title, preview.description, ...Object.values(readProblem(value))])
      expect(typeof text).toBe('string');
  },
});
