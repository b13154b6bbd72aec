import { fastify } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDocuments } from '../../../engine/documents/documents.ts';
import { QUICK_PACE, type TemporaryDatabase, temporaryDatabase } from '../../../engine/testing.ts';
import { type UserscriptContext, userscriptRoutes } from './routes.ts';
import { userscriptSettings } from './settings.ts';

const TEMPLATE = `// ==UserScript==
// @namespace {{service_url}}
// @version   {{version}}
// @match     {{match}}
// @connect   {{connect}}
// ==/UserScript==

const SERVICE_URL = "{{service_url}}";
`;

let database: TemporaryDatabase;
let now: number;

beforeEach(async () => {
  database = await temporaryDatabase();
  now = Date.UTC(2026, 10, 28, 11, 30, 0);
});
afterEach(() => database.remove());

/** The routes as a service that has just started would serve them. */
function started(change: Partial<UserscriptContext> & { template?: string | null } = {}) {
  const { template = TEMPLATE, ...rest } = change;
  const app = fastify();
  userscriptRoutes(app, {
    documents: createDocuments({ database: database.database, pace: QUICK_PACE, now: () => now, wake: () => {} }),
    settings: userscriptSettings.parse({}),
    publicUrl: 'https://signalbox.example.com',
    freshdeskUrl: 'https://acme.freshdesk.com',
    readAsset: name =>
      name === 'userscript/signalbox.user.js' && template !== null ? Buffer.from(template) : undefined,
    now: () => now,
    ...rest,
  });
  return app;
}

const versionIn = (text: string) => /@version\s+(\S+)/.exec(text)?.[1] ?? '';

it('gives the script out with this service, the pages of Freshdesk and a version in it', async () => {
  const settings = userscriptSettings.parse({ match: ['https://support.acme.com/', 'https://acme.freshdesk.com'] });
  const answer = await started({ settings }).inject('/userscript/signalbox.user.js');
  expect(answer.headers['content-type']).toBe('text/javascript; charset=utf-8');
  expect(answer.body).toBe(`// ==UserScript==
// @namespace https://signalbox.example.com
// @version   2026.11.28.41400
// @match     https://acme.freshdesk.com/*
// @match     https://support.acme.com/*
// @connect   signalbox.example.com
// ==/UserScript==

const SERVICE_URL = "https://signalbox.example.com";
`);
});

it('gives out the metadata alone, for managers that look for something new', async () => {
  const app = started();
  const { body } = await app.inject('/userscript/signalbox.meta.js');
  expect((await app.inject('/userscript/signalbox.user.js')).body.startsWith(body)).toBe(true);
  expect(body).toMatch(/^\/\/ ==UserScript==\n[\s\S]*\n\/\/ ==\/UserScript==\n$/);
});

it('answers 304 to whoever has it', async () => {
  const app = started();
  for (const url of ['/userscript/signalbox.user.js', '/userscript/signalbox.meta.js']) {
    const { etag } = (await app.inject(url)).headers;
    const again = await app.inject({ url, headers: { 'if-none-match': `"other", W/${etag}` } });
    expect([again.statusCode, again.body]).toEqual([304, '']);
    expect((await app.inject({ url, headers: { 'if-none-match': '"other"' } })).statusCode).toBe(200);
  }
});

it('has a version that rises with each change of the content, and only then, whatever the clock does', async () => {
  const versionOf = async (change: Parameters<typeof started>[0] = {}) =>
    versionIn((await started(change).inject('/userscript/signalbox.meta.js')).body)
      .split('.')
      .map(Number);
  const first = await versionOf();
  now += 3_600_000;
  expect(await versionOf()).toEqual(first);
  const newer = await versionOf({ template: `${TEMPLATE}// newer\n` });
  const back = await versionOf();
  now -= 86_400_000;
  const moved = await versionOf({ publicUrl: 'https://other.example.com' });
  const matched = await versionOf({ settings: { match: ['https://support.acme.com'] } });
  const versions = [first, newer, back, moved, matched];
  expect(versions.toSorted(compareAsManagersDo)).toEqual(versions);
  expect(new Set(versions.map(String)).size).toBe(versions.length);
});

function compareAsManagersDo(a: number[], b: number[]): number {
  return a.map((part, index) => part - (b[index] ?? 0)).find(difference => difference !== 0) ?? 0;
}

it('takes the address by which the browser asks where none is set, and nothing that is no address', async () => {
  const app = started({ publicUrl: undefined });
  const asked = (host: string) => app.inject({ url: '/userscript/signalbox.user.js', headers: { host } });
  expect((await asked('10.0.0.7:8080')).body).toContain('SERVICE_URL = "http://10.0.0.7:8080"');
  expect((await asked('10.0.0.7:8080')).body).toContain('@connect   10.0.0.7\n');
  for (const host of ['a"b', 'a b', 'user@host', 'host/path', '"+alert(1)+"']) {
    const answer = await asked(host);
    expect(answer.statusCode, host).toBeGreaterThanOrEqual(400);
    expect(answer.body).not.toContain('SERVICE_URL');
  }
});

it('says what to do when it was not built, and serves it as soon as it was', async () => {
  let built = false;
  const app = started({ readAsset: () => (built ? Buffer.from(TEMPLATE) : undefined) });
  expect((await app.inject('/userscript/signalbox.user.js')).body).toContain('SBX_USERSCRIPT_NOT_BUILT');
  built = true;
  expect((await app.inject('/userscript/signalbox.user.js')).statusCode).toBe(200);
});

it('has a page that tells how to install it, on which nothing can run', async () => {
  const app = started();
  const page = await app.inject('/userscript/');
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
  expect(page.body).toContain('href="signalbox.user.js"');
  expect((await app.inject('/userscript')).headers.location).toBe('/userscript/');
});
