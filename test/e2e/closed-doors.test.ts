import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { AUTOMATIONS } from '../../src/config/schema.ts';
import { type Service, startService } from '../../src/service/compose.ts';
import { SUMMARIES } from '../../src/service/openapi/summaries.ts';

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

/** What a route wants to see before it looks at who sends it. */
const SHAPES: readonly { path: RegExp; headers: Record<string, string>; body?: string }[] = [
  { path: /^\/v1\/uploads/, headers: { 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream' } },
  {
    path: /^\/v1\/releases\/:product$/,
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: '--b\r\nContent-Disposition: form-data; name="md5"\r\n\r\nd41d8cd98f00b204e9800998ecf8427e\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nx\r\n--b--\r\n',
  },
];

/** Every automation, so that every route is there. */
const SECTIONS: Record<(typeof AUTOMATIONS)[number], string> = {
  version_check: '{ projects: { acme/appliance: { version: [ { file: VERSION } ] } } }',
  board:
    '{ projects: { acme/appliance: { columns: [To Do, In Review, To Test], opened: In Review, merged: To Test } } }',
  races: '{ project: acme/appliance, label: race condition, sources: [ { name: box-1, token: { file: box } } ] }',
  releases:
    '{ products: { appliance: { script: /bin/true, credentials: [ { name: ci, secret: { file: ci } } ], environments: [production] } } }',
  escalation: '{ project: acme/appliance, agents: [ { name: Ada, token: { file: agent } } ] }',
  library_tags: '{ projects: [acme/lib-*], keyless: {} }',
};

let directory: string;
let service: Service;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-doors-'));
  for (const name of ['token', 'hook', 'box', 'ci', 'dash', 'desk', 'agent', 'viewer'])
    await writeFile(join(directory, name), `the-${name}`);
  const file = join(directory, 'signalbox.yaml');
  const lines = [
    `service: { listen: "127.0.0.1:0", data_dir: ${directory}/data, dashboard: { token: { file: dash } }, api_tokens: [ { name: desk, role: viewer, token: { file: viewer } } ] }`,
    'gitlab: { url: "http://127.0.0.1:9", token: { file: token }, webhook: { secret_tokens: [ { file: hook } ] } }',
    'freshdesk: { url: "http://127.0.0.1:9", api_key: { file: desk }, webhook_secret: { file: hook } }',
    'lines: [ { name: "5.5", branch: main } ]',
    ...AUTOMATIONS.map(name => `${name}: ${SECTIONS[name]}`),
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const { settings } = await loadConfig(file, { environment: {} });
  service = await startService({ settings, environment: {}, writeLog: () => undefined });
});
afterAll(async () => {
  await service.stop();
  await rm(directory, { recursive: true, force: true });
});

/** A request that fits the route but for who sends it. */
async function knock(method: string, path: string, headers: Record<string, string>): Promise<Response> {
  const address = path.replace('/*', '/x').replace(/:[A-Za-z]+\??/g, 'appliance');
  const shape = SHAPES.find(each => each.path.test(path));
  const sends = method !== 'GET' && method !== 'HEAD' && method !== 'DELETE';
  return fetch(`${service.url}${address}`, {
    method,
    redirect: 'manual',
    headers: { ...(sends && { 'content-type': 'application/json' }), ...shape?.headers, ...headers },
    ...(sends && { body: shape?.body ?? '{}' }),
  });
}

it('opens nothing to whoever shows nothing, or something made up', async () => {
  expect(service.routes.length).toBeGreaterThan(30);
  const open: string[] = [];
  for (const { method, path } of service.routes) {
    const name = `${method === 'HEAD' ? 'GET' : method} ${path}`;
    if (OPEN.some(pattern => pattern.test(name))) continue;
    for (const headers of [{}, { cookie: `signalbox-session=${'x'.repeat(43)}` }]) {
      const answer = await knock(method, path, headers as Record<string, string>);
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
