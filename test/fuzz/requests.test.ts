import { request } from 'node:http';
import { afterAll, beforeAll, expect } from 'vitest';
import { shownBy, startWholeService, type WholeService } from '../support/whole-service.ts';
import { corpus, fuzz, fuzzJson } from './fuzz.ts';

let whole: WholeService;
beforeAll(async () => {
  whole = await startWholeService();
}, 60_000);
afterAll(() => whole?.close());

interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  text: string;
}

/** Past everything that would put an address in order before it is sent. */
function ask(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
  const { hostname, port } = new URL(whole.service.url);
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, method, path, headers, insecureHTTPParser: false }, response => {
      let text = '';
      response.on('data', chunk => {
        text += String(chunk);
        // A stream of events has no end.
        if (path.startsWith('/v1/events')) response.destroy();
      });
      response.on('close', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    call.on('error', reject);
    call.end(body);
  });
}

function expectDecent({ status, headers, text }: Answer, what: string): void {
  // Nobody answers behind this service; that is said, and is no fault of its own.
  const known = status < 500 || /"code":"SBX_(?!INTERNAL)/.test(text);
  expect([what, status, known ? '' : text]).toEqual([what, status, '']);
  for (const name of Object.keys(headers)) expect(name).not.toMatch(/injected/);
  expect(text).not.toContain('root:x:0:0');
}

const operator = () => ({ authorization: `Bearer ${shownBy('operator')}` });
const agent = () => ({ authorization: `Bearer ${shownBy('agent')}` });

const SEPARATORS = '%00 %0d%0aInjected:1 ..%2f /../ %2e%2e/ %5c %ff % & = [] ? # // ; +'.split(' ');
const VALUES = "' %27%20OR%201=1-- %25 _ -1 99999999999999999999 1e9 NaN %F0%9F%98%80 __proto__=".split(' ');

fuzz('addresses and their parameters', {
  corpus: corpus('address').concat(
    [
      '/v1/journal?key=merge-request%3Aacme%2Fappliance!1&limit=50&before=10&text=x&from=2026-01-01&to=2026-02-01&brief=true',
      '/v1/journal/1?x=y',
      '/v1/explain?key=issue:acme/appliance%231',
      '/v1/work?state=due',
      '/v1/releases?product=appliance&line=5.5',
      '/v1/releases/appliance/5.4.1/log?run=1&from=0',
      '/v1/races?state=open&limit=10',
      '/v1/races/days?days=30',
      '/v1/escalations?limit=1&before=2',
      '/v1/figures/releases?weeks=12',
      '/v1/merge-guard?project=acme/appliance',
      '/v1/board?project=acme/appliance&issue=1',
      '/v1/libraries?library=acme/lib-ssh',
      '/v1/channels?product=appliance',
      '/assets/index.js',
      '/sign-in?next=/releases',
      '/userscript/signalbox.user.js',
    ].map(path => Buffer.from(path)),
  ),
  words: SEPARATORS.concat(VALUES),
  parse: async bytes => {
    const path = `/${bytes.toString('latin1').replace(/^\/+/, '')}`.replaceAll(/[^\x21-\x7e]/g, '');
    expectDecent(await ask('GET', path.slice(0, 4000), operator()), path);
  },
});

const BODIES: readonly [string, string, unknown, () => Record<string, string>][] = [
  ['POST', '/v1/board/undo', { project: 'acme/appliance', issue: 1, key: 'issue:acme/appliance#1' }, operator],
  ['POST', '/v1/releases/appliance/5.4.1/promote', { environment: 'production', reason: 'r' }, operator],
  ['POST', '/v1/releases/appliance/5.4.1/rollback', { environment: 'production', line: '5.4', reason: 'r' }, operator],
  ['POST', '/v1/releases/appliance/5.4.1/yank', { reason: 'r' }, operator],
  ['POST', '/v1/releases/appliance/preflight', { version: '5.4.1', md5: 'd41d8cd98f00b204e9800998ecf8427e' }, operator],
  ['POST', '/v1/escalations', { ticket_id: 101 }, agent],
  ['POST', '/v1/escalations/appliance/link', { issue: 'https://x/acme/appliance/-/issues/1' }, agent],
  [
    'POST',
    '/v1/races',
    { source: 'box-1', reports: [{ text: 'x' }] },
    () => ({ authorization: `Bearer ${shownBy('box')}` }),
  ],
  [
    'POST',
    '/hooks/gitlab',
    { object_kind: 'push', ref: 'refs/heads/main' },
    () => ({ 'x-gitlab-token': shownBy('hook') }),
  ],
  ['POST', '/hooks/freshdesk', { ticket_id: 1 }, () => ({ 'x-signalbox-secret': shownBy('hook') })],
];

fuzzJson('bodies', {
  corpus: BODIES.map(([, , body], at) => ({ at, body })),
  share: 0.7,
  parse: async value => {
    const { at, body } = (value ?? {}) as { at?: unknown; body?: unknown };
    const [method, path, , headers] =
      BODIES[typeof at === 'number' ? Math.abs(Math.floor(at)) % BODIES.length : 0] ?? BODIES[0]!;
    const text = JSON.stringify(body) ?? '';
    const sent = { ...headers(), 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(text)}` };
    expectDecent(await ask(method, path, sent, text), `${method} ${path} ${text.slice(0, 200)}`);
  },
});
