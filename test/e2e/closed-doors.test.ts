import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Service } from '../../src/service/compose.ts';
import { SUMMARIES } from '../../src/service/openapi/summaries.ts';
import { knock, startWholeService, type WholeService } from '../support/whole-service.ts';

/**
 * What anybody may ask, signed in or not; nothing else. Whoever adds a line here lets everybody on the network read what the
 * route answers.
 */
const OPEN: readonly RegExp[] = [
  /^GET \/healthz$/,
  /^GET \/readyz$/,
  /^(GET|POST) \/sign-in$/,
  /^GET \/sign-in\/(gitlab|callback|link\/:code)$/,
  // The Freshdesk button and how to install it: no secrets, and the managers of userscripts cannot sign in.
  /^GET \/userscript(\/(signalbox\.(user|meta)\.js)?)?$/,
  // Which versions and extensions of tus are spoken.
  /^OPTIONS \/v1\/uploads$/,
];

let whole: WholeService;
let service: Service;

beforeAll(async () => {
  whole = await startWholeService();
  service = whole.service;
});
afterAll(() => whole?.close());

it('opens nothing to whoever shows nothing, or something made up', async () => {
  expect(service.routes.length).toBeGreaterThan(30);
  const open: string[] = [];
  for (const { method, path } of service.routes) {
    const name = `${method === 'HEAD' ? 'GET' : method} ${path}`;
    if (OPEN.some(pattern => pattern.test(name))) continue;
    for (const headers of [{}, { cookie: `signalbox-session=${'x'.repeat(43)}` }]) {
      const answer = await knock(service.url, method, path, headers as Record<string, string>);
      const sentToSignIn = answer.status === 303 && answer.headers.get('location')?.startsWith('/sign-in');
      if (answer.status !== 401 && !sentToSignIn)
        open.push(`${name}: ${answer.status} ${(await answer.text()).slice(0, 200)}`);
    }
  }
  expect(open).toEqual([]);
});

it('tells nobody outside which addresses there are below them', async () => {
  for (const path of ['/v1/explain?key=issue:acme/appliance%231', '/v1/releases/nothing/1.0.0', '/v1/work/x/preview']) {
    const method = path.endsWith('preview') ? 'POST' : 'GET';
    expect((await fetch(`${service.url}${path}`, { method })).status).toBe(401);
  }
});

it('describes every route but the pages of the dashboard, and none that is not there', async () => {
  const token = { authorization: 'Bearer the-viewer' };
  const answer = await fetch(`${service.url}/openapi.json`, { headers: token });
  expect(answer.status).toBe(200);
  const { openapi, paths } = (await answer.json()) as { openapi: string; paths: Record<string, object> };
  expect(openapi).toBe('3.1.0');
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  );
  const there = service.routes
    .map(({ method, path }) => `${method} ${path}`)
    // GET answers HEAD as well; a HEAD that stands alone is a route of its own.
    .filter((name, _at, all) => !name.startsWith('HEAD ') || !all.includes(name.replace('HEAD', 'GET')));
  const isPage = (name: string) => /^GET \/(?!v1\/|healthz|readyz|metrics|openapi|sign-in|userscript)/.test(name);
  const hooks = ['POST /hooks/gitlab', 'POST /hooks/freshdesk'];
  expect(described.toSorted()).toEqual([...there.filter(name => !isPage(name)), ...hooks].toSorted());
  expect(Object.keys(SUMMARIES).toSorted()).toEqual(described.toSorted());
});
