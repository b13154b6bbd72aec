import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Role } from '../../src/service/access.ts';
import type { Service } from '../../src/service/compose.ts';
import { type Serves, SUMMARIES } from '../../src/service/openapi/summaries.ts';
import { cookieBrowser } from '../support/cookie-browser.ts';
import { knock, shownBy, startWholeService, type WholeService } from '../support/whole-service.ts';

let whole: WholeService;
const senders: Record<string, Record<string, string>> = {};

beforeAll(async () => {
  whole = await startWholeService();
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const looker = await sessionOf(whole.service, 'viewer');
  const actor = await sessionOf(whole.service, 'operator');
  Object.assign(senders, {
    nobody: {},
    'a wrong token': bearer('made-up'),
    viewer: bearer(shownBy('viewer')),
    operator: bearer(shownBy('operator')),
    'viewer session': { cookie: looker.cookie, 'x-signalbox-csrf': looker.csrf },
    'operator session': { cookie: actor.cookie, 'x-signalbox-csrf': actor.csrf },
    'operator session without csrf': { cookie: actor.cookie },
    "operator session, another's csrf": { cookie: actor.cookie, 'x-signalbox-csrf': looker.csrf },
    product: bearer(shownBy('ci')),
    agent: bearer(shownBy('agent')),
    source: bearer(shownBy('box')),
    'hook secret': { 'x-gitlab-token': shownBy('hook'), 'x-signalbox-secret': shownBy('hook') },
    'dashboard token': bearer(shownBy('dash')),
  });
});
afterAll(() => whole?.close());

async function sessionOf(service: Service, role: Role): Promise<{ cookie: string; csrf: string }> {
  const browser = cookieBrowser();
  await browser.ask(await service.signInLink({ name: role, role }));
  const { csrf } = (await (await browser.ask(`${service.url}/v1/session`)).json()) as { csrf: string };
  return { cookie: browser.cookies(service.url), csrf };
}

/** What comes of a request: it gets in (whatever is then wrong with it), or why not. */
type Outcome = 'in' | 'not known' | 'role too low' | 'csrf' | 'not for it' | 'signing in';

type Outcomes = Partial<Record<string, Outcome>>;

let address = 0;

async function outcomeOf(route: string, who: string): Promise<Outcome> {
  const [method = '', path = ''] = route.split(' ');
  address++;
  // Each from an address of its own: an address that fails too often has to wait.
  const from = { 'x-forwarded-for': `10.1.${address >> 8}.${address & 255}` };
  const answer = await knock(whole.service.url, method, path, { ...senders[who], ...from });
  const text = path === '/v1/events' ? '' : await answer.text();
  await answer.body?.cancel().catch(() => undefined);
  const code = /"code":"(SBX_\w+)"/.exec(text)?.[1];
  if (answer.status === 401) return 'not known';
  if (answer.status === 303 && answer.headers.get('location')?.startsWith('/sign-in')) return 'signing in';
  if (code === 'SBX_ROLE_TOO_LOW') return 'role too low';
  if (code === 'SBX_CSRF_TOKEN_WRONG') return 'csrf';
  return answer.status === 403 && method !== 'HEAD' ? 'not for it' : 'in';
}

const READERS = { viewer: 'in', operator: 'in', 'viewer session': 'in', 'operator session': 'in' } as const;
const WITHOUT_CSRF = { 'operator session without csrf': 'in', "operator session, another's csrf": 'in' } as const;
const REFUSED_CSRF = { 'operator session without csrf': 'csrf', "operator session, another's csrf": 'csrf' } as const;
const OPERATORS = {
  viewer: 'role too low',
  operator: 'in',
  'viewer session': 'role too low',
  'operator session': 'in',
} as const;

/** Whom a route lets in that serves somebody; everybody else is not known to it. Reads need no CSRF token. */
const EXPECTED: Record<Exclude<Serves, 'anybody'>, { read: Outcomes; change: Outcomes }> = {
  viewer: { read: { ...READERS, ...WITHOUT_CSRF }, change: {} },
  operator: { read: {}, change: { ...OPERATORS, ...REFUSED_CSRF } },
  // An operator may do what agents may.
  agent: {
    read: { ...OPERATORS, ...WITHOUT_CSRF, agent: 'in' },
    change: { ...OPERATORS, ...REFUSED_CSRF, agent: 'in' },
  },
  hook: { read: {}, change: { 'hook secret': 'in' } },
  source: { read: {}, change: { source: 'in' } },
  // Only by an id_token, of which there is none here.
  job: { read: {}, change: {} },
  product: { read: { ...READERS, ...WITHOUT_CSRF, product: 'in' }, change: { product: 'in' } },
  session: { read: { ...READERS, ...WITHOUT_CSRF }, change: {} },
};

/** Where it is different, and why. */
const EXCEPTIONS: Record<string, Outcomes> = {
  // It changes nothing; by a session all the same only with its CSRF token.
  'POST /v1/releases/:product/preflight': { ...READERS, ...REFUSED_CSRF, product: 'in' },
  // Of no product, because the request names none.
  'POST /v1/uploads': { product: 'not for it' },
  // Asks after the upload and changes nothing, but people have no business there.
  'HEAD /v1/uploads/:id': { product: 'in' },
  // Has a test of its own: whoever signs out is gone.
  'DELETE /v1/session': {},
};

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

it('lets into each route whom it serves, and nobody else', { timeout: 120_000 }, async () => {
  const found: Record<string, Outcomes> = {};
  const expected: Record<string, Outcomes> = {};
  for (const [route, [serves]] of Object.entries(SUMMARIES)) {
    if (serves === 'anybody') continue;
    const kind = READS.has(route.split(' ')[0] ?? '') ? 'read' : 'change';
    expected[route] = EXCEPTIONS[route] ?? EXPECTED[serves][kind];
    const outcomes: Outcomes = {};
    for (const who of Object.keys(senders)) {
      if (route === 'DELETE /v1/session' && who.includes('session')) continue;
      const outcome = await outcomeOf(route, who);
      if (outcome !== 'not known') outcomes[who] = outcome;
    }
    found[route] = outcomes;
  }
  expect(found).toEqual(expected);
});

it('signs out who shows the token of his own session, and nobody by a link of somebody else', async () => {
  const { service } = whole;
  const own = await sessionOf(service, 'viewer');
  const another = await sessionOf(service, 'operator');
  const signOut = (csrf: Record<string, string>) =>
    fetch(`${service.url}/v1/session`, { method: 'DELETE', headers: { cookie: own.cookie, ...csrf } });
  for (const csrf of [{}, { 'x-signalbox-csrf': '' }, { 'x-signalbox-csrf': another.csrf }])
    expect((await signOut(csrf as Record<string, string>)).status).toBe(403);
  expect((await signOut({ 'x-signalbox-csrf': own.csrf })).status).toBeLessThan(300);
  expect((await fetch(`${service.url}/v1/session`, { headers: { cookie: own.cookie } })).status).toBe(401);
});

it('changes nothing by a session for the page of another site, whatever the route', async () => {
  const { service } = whole;
  const { cookie } = await sessionOf(service, 'operator');
  const wrong: string[] = [];
  // From the routes that there are, so that none can be forgotten.
  for (const { method, path } of service.routes) {
    if (READS.has(method)) continue;
    for (const origin of ['https://evil.example', 'null']) {
      const from = { origin, 'sec-fetch-site': 'cross-site', 'x-forwarded-for': `10.2.0.${++address & 255}` };
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json']) {
        const answer = await knock(service.url, method, path, { cookie, ...from, 'content-type': type });
        await answer.body?.cancel();
        if (answer.status < 400) wrong.push(`${method} ${path} ${type}: ${answer.status}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});
