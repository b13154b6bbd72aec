import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { clientOf } from '../../src/sandbox/gitlab/test-client.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Service, startService } from '../../src/service/compose.ts';
import { type CookieBrowser, cookieBrowser } from '../support/cookie-browser.ts';
import { freePort } from '../support/free-port.ts';

const TOKEN = 'a-token-for-people';
const HOUR = 3_600_000;
let sandbox: Sandbox;
let call: ReturnType<typeof clientOf>;
let directory: string;
let service: Service;
let port: number;
let now = Date.now();
const log: string[] = [];

/** The service as configured by these lines below `service.dashboard`. */
async function serve(dashboard: string): Promise<void> {
  const file = join(directory, 'signalbox.yaml');
  const lines = `service:
  listen: 127.0.0.1:${port}
  data_dir: ${directory}/data
  api_tokens: [ { name: looker, role: viewer, token: { file: viewer } }, { name: actor, role: operator, token: { file: operator } } ]
  dashboard: ${dashboard}
gitlab: { url: "${sandbox.gitlab.url}", token: { file: token }, webhook: { secret_tokens: [ { file: hook } ] } }
version_check: { projects: { acme/appliance: { version: [ { file: VERSION } ] } } }
lines: [ { name: "5.5", branch: main } ]
`;
  await writeFile(file, lines);
  const { settings } = await loadConfig(file, { environment: {} });
  service = await startService({ settings, environment: {}, now: () => now, writeLog: line => log.push(line) });
}

async function restart(dashboard: string): Promise<void> {
  await service.stop();
  await serve(dashboard);
}

/** Registers the application in GitLab, as an admin would. */
async function application(redirect = `http://127.0.0.1:${port}/sign-in/callback`): Promise<string> {
  const body = { name: 'Signalbox', redirect_uri: redirect, scopes: 'openid', confidential: true };
  const made = await call('admin', 'POST', '/applications', body);
  expect(made.status).toBe(201);
  await writeFile(join(directory, 'oauth-secret'), made.body.secret);
  return made.body.application_id;
}

const byGitLab = (id: string, rules: string) =>
  `{ gitlab_oauth: { application_id: ${id}, secret: { file: oauth-secret }, ${rules} } }`;

beforeAll(async () => {
  sandbox = await startSandbox();
  call = clientOf(sandbox);
  directory = await mkdtemp(join(tmpdir(), 'signalbox-sign-in-'));
  const files = { token: 'glpat-sandbox-bot', hook: 'h', dash: TOKEN, viewer: 'view', operator: 'operate' };
  for (const [name, value] of Object.entries(files)) await writeFile(join(directory, name), value, { mode: 0o600 });
  port = await freePort();
  await serve('{ token: { file: dash } }');
});
afterAll(async () => {
  await service.stop();
  await sandbox.close();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(() => {
  // Far enough that what an earlier test failed at is forgotten.
  now += HOUR;
});

const at = (path: string) => `${service.url}${path}`;
const json = async (response: Response) => (await response.json()) as Record<string, unknown>;
const sessionOf = async (browser: CookieBrowser) => browser.ask(at('/v1/session'));

async function withToken(browser = cookieBrowser()): Promise<CookieBrowser> {
  const answer = await browser.submit(at('/sign-in'), { token: TOKEN, next: '/' });
  expect(answer.status).toBe(303);
  return browser;
}

describe('with a token', () => {
  it('is asked for on a page without script, and leads back to where somebody wanted to go', async () => {
    const browser = cookieBrowser();
    const start = await browser.ask(at('/'));
    expect([start.status, start.headers.get('location')]).toEqual([303, '/sign-in']);
    const page = await browser.ask(at('/sign-in?next=%2Freleases%3Fq%3D"><script>'));
    const html = await page.text();
    expect(html).not.toContain('<script');
    expect(html).toContain('name="token"');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/);
    expect(policy).not.toContain('unsafe');
    const answer = await browser.submit(at('/sign-in'), { token: TOKEN, next: '/releases?q=1' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/releases?q=1']);
    const [cookie] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^signalbox-session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/);
    expect((await browser.ask(at('/'))).status).toBe(200);
  });

  it('never leads to another site', async () => {
    const answer = await cookieBrowser().submit(at('/sign-in'), { token: TOKEN, next: '//evil.example' });
    expect(answer.headers.get('location')).toBe('/');
  });

  it('refuses a wrong one, and the form of another site', async () => {
    const wrong = await cookieBrowser().submit(at('/sign-in'), { token: 'guess', next: '/' });
    expect(wrong.status).toBe(403);
    expect(wrong.headers.getSetCookie()).toEqual([]);
    expect(await wrong.text()).toContain('the token is not right');
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'null' },
    ]) {
      const foreign = await cookieBrowser().submit(at('/sign-in'), { token: TOKEN, next: '/' }, headers);
      expect([foreign.status, (await json(foreign))['code']]).toEqual([403, 'SBX_CSRF_TOKEN_WRONG']);
    }
  });

  it('asks an address that fails too often to wait, and lets in who holds a token that cannot be guessed', async () => {
    for (let n = 0; n < 20; n++)
      expect((await cookieBrowser().submit(at('/sign-in'), { token: `${n}` })).status).toBe(403);
    const closed = await cookieBrowser().submit(at('/sign-in'), { token: TOKEN });
    expect(closed.status).toBe(429);
    expect(Number(closed.headers.get('retry-after'))).toBeGreaterThan(0);
    const bearer = await fetch(at('/v1/work'), { headers: { authorization: 'Bearer operate' } });
    expect([bearer.status, (await json(bearer))['code']]).toEqual([429, 'SBX_TOO_MANY_FAILURES']);
    expect(Number(bearer.headers.get('retry-after'))).toBeGreaterThan(0);
    const control = JSON.parse(await readFile(join(directory, 'data', 'control.json'), 'utf8')) as { token: string };
    const strong = await fetch(at('/v1/work'), { headers: { authorization: `Bearer ${control.token}` } });
    expect(strong.status).toBe(200);
    // Another address is not held up: the proxy on this machine names it.
    const elsewhere = await cookieBrowser().submit(
      at('/sign-in'),
      { token: TOKEN },
      { 'x-forwarded-for': '192.0.2.9' },
    );
    expect(elsewhere.status).toBe(303);
    now += 7_000;
    expect((await cookieBrowser().submit(at('/sign-in'), { token: TOKEN })).status).toBe(303);
  });

  it('counts wrong tokens of the API, too', async () => {
    const guess = () => fetch(at('/v1/work'), { headers: { authorization: 'Bearer guess' } });
    for (let n = 0; n < 20; n++) expect((await guess()).status).toBe(401);
    expect((await guess()).status).toBe(429);
  });
});

describe('a session', () => {
  it('says who it is, and proves by its CSRF token that a change comes from our own page', async () => {
    const browser = await withToken();
    const session = await json(await sessionOf(browser));
    expect(session).toEqual({ name: 'dashboard token', role: 'operator', csrf: expect.stringMatching(/^[\w-]{43}$/) });
    const replay = at('/v1/work/merge-request%3Aacme%2Fappliance%211/replay');
    const change = (headers: Record<string, string>) => browser.ask(replay, { method: 'POST', headers });
    const other = await json(await sessionOf(await withToken()));
    for (const csrf of [{}, { 'x-signalbox-csrf': '' }, { 'x-signalbox-csrf': String(other['csrf']) }]) {
      const refused = await change(csrf);
      expect([refused.status, (await json(refused))['code']]).toEqual([403, 'SBX_CSRF_TOKEN_WRONG']);
    }
    expect((await change({ 'x-signalbox-csrf': String(session['csrf']) })).status).toBe(202);
    const { rows } = (await json(await browser.ask(at('/v1/journal?kind=operator&limit=1')))) as { rows: unknown[] };
    expect(rows).toMatchObject([{ data: { by: 'dashboard token' } }]);
  });

  it('is answered with 401 where there is none, and a token needs no CSRF token', async () => {
    const nobody = await sessionOf(cookieBrowser());
    expect([nobody.status, (await json(nobody))['code']]).toEqual([401, 'SBX_NOT_SIGNED_IN']);
    const bearer = { authorization: 'Bearer operate' };
    expect(await json(await fetch(at('/v1/session'), { headers: bearer }))).toEqual({
      name: 'actor',
      role: 'operator',
      csrf: null,
    });
    const replay = at('/v1/work/merge-request%3Aacme%2Fappliance%211/replay');
    expect((await fetch(replay, { method: 'POST', headers: bearer })).status).toBe(202);
  });

  it('ends when somebody signs out, for that browser and at once', async () => {
    const one = await withToken();
    const two = await withToken();
    const { csrf } = await json(await sessionOf(one));
    const kept = one.cookies(service.url);
    expect((await one.ask(at('/v1/session'), { method: 'DELETE' })).status).toBe(403);
    const headers = { 'x-signalbox-csrf': String(csrf) };
    expect((await one.ask(at('/v1/session'), { method: 'DELETE', headers })).status).toBe(204);
    expect((await sessionOf(one)).status).toBe(401);
    expect((await fetch(at('/v1/session'), { headers: { cookie: kept } })).status).toBe(401);
    expect((await sessionOf(two)).status).toBe(200);
  });

  it('ends after eight hours without a request, and after a week in any case', async () => {
    const idle = await withToken();
    now += 8 * HOUR - 1;
    expect((await sessionOf(idle)).status).toBe(200);
    now += 8 * HOUR;
    expect((await sessionOf(idle)).status).toBe(401);
    const busy = await withToken();
    for (let hours = 0; hours < 7 * 24 - 6; hours += 6) {
      expect((await sessionOf(busy)).status).toBe(200);
      now += 6 * HOUR;
    }
    now += 6 * HOUR;
    expect((await sessionOf(busy)).status).toBe(401);
  });

  it('outlives a restart, and ends when its token is not configured any more', async () => {
    const browser = await withToken();
    await restart('{ token: { file: dash } }');
    expect((await sessionOf(browser)).status).toBe(200);
    await writeFile(join(directory, 'dash'), 'another-token');
    await restart('{ token: { file: dash } }');
    expect((await sessionOf(browser)).status).toBe(401);
    await writeFile(join(directory, 'dash'), TOKEN);
    await restart('{ token: { file: dash } }');
  });

  it('is known to the database by its digest only, and never to the log', async () => {
    const browser = await withToken();
    const secret = browser.cookies(service.url).replace('signalbox-session=', '');
    const rows = await service.database.query.selectFrom('documents').selectAll().execute();
    const stored = rows.filter(row => row.kind === 'session');
    expect(stored.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(JSON.stringify(rows)).not.toContain(TOKEN);
    expect(log.join('')).not.toContain(secret);
    const journal = await service.database.query.selectFrom('journal').select('data').execute();
    expect(journal.map(row => row.data).join('')).toContain('"sign_in":"dashboard token"');
  });
});

describe('a sign-in link', () => {
  it('lets in whoever opens it first, once', async () => {
    const link = await service.signInLink({ name: 'demo', role: 'operator' });
    const tries = await Promise.all(Array.from({ length: 5 }, () => cookieBrowser().ask(link)));
    expect(tries.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 403, 403, 403, 403]);
    const won = tries.find(({ status }) => status === 303);
    expect(won?.headers.get('location')).toBe('/');
    expect(won?.headers.getSetCookie()).toHaveLength(1);
    expect((await cookieBrowser().ask(link)).status).toBe(403);
  });

  it('is good for a quarter of an hour', async () => {
    const link = await service.signInLink({ name: 'demo', role: 'viewer' });
    now += 15 * 60_000;
    expect((await cookieBrowser().ask(link)).status).toBe(403);
  });

  it('gives the role that it was made with', async () => {
    const browser = cookieBrowser();
    await browser.ask(await service.signInLink({ name: 'demo', role: 'viewer' }));
    const { csrf, role } = await json(await sessionOf(browser));
    expect(role).toBe('viewer');
    const headers = { 'x-signalbox-csrf': String(csrf) };
    const replay = at('/v1/work/merge-request%3Aacme%2Fappliance%211/replay');
    const refused = await browser.ask(replay, { method: 'POST', headers });
    expect([refused.status, (await json(refused))['code']]).toEqual([403, 'SBX_ROLE_TOO_LOW']);
  });
});

describe('at GitLab', () => {
  /** Goes to GitLab as one of its people, and presses a button there. */
  async function atGitLab(
    user: string,
    browser = cookieBrowser(),
    button: 'allow' | 'deny' = 'allow',
  ): Promise<string> {
    const jump = await browser.ask(at('/sign-in/gitlab?next=%2Fboard'));
    expect(jump.status).toBe(303);
    const address = new URL(jump.headers.get('location') ?? '');
    await browser.submit(`${sandbox.gitlab.url}/-/act-as`, { user, back: '/' });
    const page = await (await browser.ask(address.href)).text();
    expect(page).toContain('Signalbox is requesting access');
    const fields = Object.fromEntries(address.searchParams);
    const pressed = button === 'allow' ? fields : { ...fields, _method: 'delete' };
    const back = await browser.submit(`${sandbox.gitlab.url}/oauth/authorize`, pressed);
    expect(back.status).toBe(302);
    return back.headers.get('location') ?? '';
  }

  let id: string;
  beforeAll(async () => {
    id = await application();
    await restart(byGitLab(id, 'allowed_groups: [acme]'));
  });

  it.each([
    ['developer', 'operator'],
    ['maintainer', 'operator'],
    ['owner', 'operator'],
    ['reporter', 'viewer'],
    ['guest', 'viewer'],
  ])('%s comes in as %s', async (user, role) => {
    const browser = cookieBrowser();
    const done = await browser.ask(await atGitLab(user, browser));
    expect([done.status, done.headers.get('location')]).toEqual([303, '/board']);
    expect(await json(await sessionOf(browser))).toMatchObject({ name: `@${user}`, role });
  });

  it('who belongs to no allowed group stays outside, and so does who presses Deny', async () => {
    const stranger = cookieBrowser();
    const refused = await stranger.ask(await atGitLab('stranger', stranger));
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('@stranger belongs to none of the allowed groups');
    expect((await sessionOf(stranger)).status).toBe(401);
    const unwilling = cookieBrowser();
    const denied = await unwilling.ask(await atGitLab('developer', unwilling, 'deny'));
    expect(denied.status).toBe(403);
    expect(await denied.text()).toContain('it was refused at GitLab');
  });

  it('sends PKCE, state and nonce, asks for the scope openid only, and gives the token back', async () => {
    await call('admin', 'DELETE', '/_sandbox/requests');
    const browser = cookieBrowser();
    const jump = await browser.ask(at('/sign-in/gitlab'));
    const { searchParams } = new URL(jump.headers.get('location') ?? '');
    expect(searchParams.get('scope')).toBe('openid');
    expect(searchParams.get('code_challenge_method')).toBe('S256');
    for (const name of ['state', 'nonce', 'code_challenge']) expect(searchParams.get(name)).toMatch(/^[\w-]{43}$/);
    const other = cookieBrowser();
    await other.ask(await atGitLab('developer', other));
    const requests = (await call('admin', 'GET', '/_sandbox/requests')).body as { path: string; status: number }[];
    expect(requests.filter(({ path }) => path === '/oauth/revoke')).toMatchObject([{ status: 200 }]);
  });

  it('takes an answer of GitLab only in the browser that asked, once, and in time', async () => {
    const browser = cookieBrowser();
    const callback = await atGitLab('developer', browser);
    const foreign = await cookieBrowser().ask(callback);
    expect(foreign.status).toBe(403);
    expect(await foreign.text()).toContain('was begun in another browser');
    // The cookie of somebody else's attempt does not fit this state.
    const another = cookieBrowser();
    await another.ask(at('/sign-in/gitlab'));
    expect((await another.ask(callback)).status).toBe(403);
    const cookie = browser.cookies(service.url);
    expect((await browser.ask(callback)).status).toBe(303);
    expect((await fetch(callback, { redirect: 'manual', headers: { cookie } })).status).toBe(403);
    const slow = cookieBrowser();
    const late = await atGitLab('developer', slow);
    now += 11 * 60_000;
    expect((await slow.ask(late)).status).toBe(403);
  });

  it('does not believe an attempt that was made up', async () => {
    const forged = Buffer.from(JSON.stringify({ state: 's', nonce: 'n', verifier: 'v', to: '/', until: now * 2 }));
    for (const value of [forged.toString('base64url'), `${forged.toString('base64url')}.x`, '.', 'x.y']) {
      const headers = { cookie: `signalbox-sign-in=${value}` };
      const answer = await fetch(at('/sign-in/callback?code=c&state=s'), { headers, redirect: 'manual' });
      expect(answer.status).toBe(403);
    }
  });

  it('says that GitLab cannot be reached, and works again when it can', async () => {
    const fault = { match: { path: '/oauth/token' }, times: 1, fault: { status: 502 } };
    await call('admin', 'POST', '/_sandbox/faults', fault);
    const browser = cookieBrowser();
    expect((await browser.ask(await atGitLab('developer', browser))).status).toBe(502);
    expect((await browser.ask(await atGitLab('developer', browser))).status).toBe(303);
    await restart(byGitLab(id, 'allowed_groups: [acme]'));
    await call('admin', 'POST', '/_sandbox/faults', {
      match: { path: '/.well-known/openid-configuration' },
      times: 1,
      fault: { status: 503 },
    });
    const refused = await cookieBrowser().ask(at('/sign-in/gitlab'));
    expect(refused.status).toBe(502);
    expect((await cookieBrowser().ask(at('/sign-in/gitlab'))).status).toBe(303);
  });

  /** What the page says, and what the log was told, of a callback that was not the person's fault. */
  async function unavailable(browser: CookieBrowser, callback: string): Promise<{ page: string; line: unknown }> {
    const from = log.length;
    const answer = await browser.ask(callback);
    expect(answer.status).toBe(502);
    const lines = log.slice(from).map(line => JSON.parse(line) as Record<string, unknown>);
    const line = lines.find(({ code }) => code === 'SBX_SIGN_IN_UNAVAILABLE');
    return { page: await answer.text(), line };
  }

  it.each([
    ['/oauth/token', { status: 502 }, /unexpected .*502$/],
    ['/oauth/token', { reset: 'before' }, /^fetch failed /],
    ['/oauth/userinfo', { status: 500 }, /unexpected .*500$/],
    ['/oauth/userinfo', { status: 200, body: { sub: 'somebody else' } }, /^unexpected JSON attribute value /],
  ])('says where GitLab fails, and in the log: %s %j', async (path, fault, detail) => {
    const browser = cookieBrowser();
    const callback = await atGitLab('developer', browser);
    await call('admin', 'POST', '/_sandbox/faults', { match: { path }, times: 1, fault });
    const { page, line } = await unavailable(browser, callback);
    expect(page).toContain('GitLab cannot be asked who signs in');
    expect(line).toMatchObject({ level: 'warn', detail: expect.stringMatching(detail) });
  });

  it('says that the secret of the application is wrong, without it, and holds it against nobody', async () => {
    const secret = await readFile(join(directory, 'oauth-secret'), 'utf8');
    await writeFile(join(directory, 'oauth-secret'), 'not-what-gitlab-knows');
    await restart(byGitLab(id, 'allowed_groups: [acme]'));
    const browser = cookieBrowser();
    for (let n = 0; n < 21; n++) {
      const callback = await atGitLab('developer', browser);
      const { page, line } = await unavailable(browser, callback);
      expect(page).toContain('`application_id` and `secret`');
      expect(line).toMatchObject({ detail: expect.stringMatching(/ invalid_client$/) });
    }
    expect(log.join('')).not.toContain('not-what-gitlab-knows');
    await writeFile(join(directory, 'oauth-secret'), secret);
    await restart(byGitLab(id, 'allowed_groups: [acme]'));
    expect((await browser.ask(await atGitLab('developer', browser))).status).toBe(303);
  });

  it('counts as the try of a person what the browser alone has brought', async () => {
    const browser = cookieBrowser();
    const from = log.length;
    const changed = async (change: (query: URLSearchParams) => void) => {
      const address = new URL(await atGitLab('developer', browser));
      change(address.searchParams);
      return (await browser.ask(address.href)).status;
    };
    expect(await changed(query => query.set('state', 'x'))).toBe(403);
    expect(await changed(query => query.delete('state'))).toBe(403);
    expect(await changed(query => query.append('state', 'x'))).toBe(403);
    expect(await changed(query => query.set('code', 'guessed'))).toBe(403);
    expect(await changed(query => query.set('code', ''))).toBe(403);
    expect(await changed(query => query.append('code', 'x'))).toBe(403);
    expect(log.slice(from).join('')).not.toContain('SBX_SIGN_IN_UNAVAILABLE');
  });

  it('lets people in by what cannot be guessed, whatever others have guessed at from their address', async () => {
    const long = 'a'.repeat(32);
    const both = byGitLab(id, 'allowed_groups: [acme]').replace(/\}$/, ', token: { file: long } }');
    await writeFile(join(directory, 'long'), long, { mode: 0o600 });
    await restart(both);
    for (let n = 0; n < 20; n++) await cookieBrowser().submit(at('/sign-in'), { token: `${n}` });
    const enter = async (given: string) => (await cookieBrowser().submit(at('/sign-in'), { token: given })).status;
    expect(await enter('another guess')).toBe(429);
    expect(await enter(long)).toBe(303);
    const browser = cookieBrowser();
    expect((await browser.ask(await atGitLab('developer', browser))).status).toBe(303);
    await writeFile(join(directory, 'long'), long.slice(1));
    await restart(both);
    for (let n = 0; n < 20; n++) await cookieBrowser().submit(at('/sign-in'), { token: `${n}` });
    expect(await enter(long.slice(1))).toBe(429);
    await restart(byGitLab(id, 'allowed_groups: [acme]'));
  });

  it('ends a session after half a day, and when the rules change', async () => {
    const browser = cookieBrowser();
    await browser.ask(await atGitLab('developer', browser));
    now += 6 * HOUR;
    expect((await sessionOf(browser)).status).toBe(200);
    await restart(byGitLab(id, 'allowed_groups: [acme], operator_role: maintainer'));
    expect((await sessionOf(browser)).status).toBe(401);
    await browser.ask(await atGitLab('developer', browser));
    expect(await json(await sessionOf(browser))).toMatchObject({ role: 'viewer' });
    now += 7 * HOUR;
    expect((await sessionOf(browser)).status).toBe(200);
    now += 5 * HOUR;
    expect((await sessionOf(browser)).status).toBe(401);
  });
});

it('sets its cookies for this host alone where browsers come by https', async () => {
  const file = join(directory, 'https.yaml');
  await writeFile(
    file,
    `service: { listen: "127.0.0.1:0", public_url: https://signalbox.example.com, data_dir: ${directory}/https, dashboard: { token: { file: dash } } }\n`,
  );
  const { settings } = await loadConfig(file, { environment: {} });
  const other = await startService({ settings, environment: {}, writeLog: () => undefined });
  try {
    const headers = { origin: 'https://signalbox.example.com' };
    const answer = await cookieBrowser().submit(`${other.url}/sign-in`, { token: TOKEN }, headers);
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /^__Host-signalbox-session=.*; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    expect(await other.signInLink({ name: 'x', role: 'viewer' })).toMatch(
      /^https:\/\/signalbox\.example\.com\/sign-in\/link\//,
    );
  } finally {
    await other.stop();
  }
});
