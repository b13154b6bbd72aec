import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { GitLabApi, projectId } from './gitlab-api.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function serve(answer: (request: IncomingMessage, url: string) => { link?: string; body: unknown }) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    const { port } = server.address() as AddressInfo;
    const { link, body } = answer(request, `http://127.0.0.1:${port}`);
    if (link !== undefined) response.setHeader('Link', link);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function apiOf(url: string): GitLabApi {
  const api = new GitLabApi({ url: `${url}/`, token: 'glpat-secret' });
  closers.push(() => api.close());
  return api;
}

it('reads a list to its end by the links that GitLab gives', async () => {
  const { url, requests } = await serve((request, base) => {
    const page = Number(new URL(request.url!, base).searchParams.get('page') ?? 1);
    const next = `<${base}/api/v4/things?page=${page + 1}&per_page=100>; rel="next"`;
    return { link: `<${base}/api/v4/things?page=1>; rel="first"${page < 3 ? `, ${next}` : ''}`, body: [page] };
  });
  expect(await apiOf(url).all(z.number(), '/things')).toEqual([1, 2, 3]);
  expect(requests.map(request => request.url)[1]).toBe('/api/v4/things?page=2&per_page=100');
});

it.each([
  ['another host', (elsewhere: string) => `${elsewhere}/api/v4/things?page=2`],
  ['another part of the same host', (_elsewhere: string, own: string) => `${own}/evil?page=2`],
  ['another host without a scheme', (elsewhere: string) => elsewhere.replace('http:', '')],
])('does not carry the token to %s that a link names', async (_what, target) => {
  const elsewhere = await serve(() => ({ body: [2] }));
  const { url, requests } = await serve((_request, own) => ({
    link: `<${target(elsewhere.url, own)}>; rel="next"`,
    body: [1],
  }));
  await expect(apiOf(url).all(z.number(), '/things')).rejects.toMatchObject({ code: 'SBX_REMOTE_UNEXPECTED' });
  expect(requests).toHaveLength(1);
  expect(elsewhere.requests).toHaveLength(0);
});

it('passes the chain id back on a write, and none where there is none', async () => {
  const { url, requests } = await serve(() => ({ body: {} }));
  const api = apiOf(url);
  await api.write('POST', z.unknown(), '/x', {}, { chain: 'chain-1' });
  await api.write('POST', z.unknown(), '/x', {}, { chain: null });
  expect(requests.map(request => request.headers['x-gitlab-event-uuid'])).toEqual(['chain-1', undefined]);
});

it.each([
  ['no JSON', '<html>'],
  ['another shape', { id: 'seven' }],
])('says that it does not understand %s', async (_what, body) => {
  const { url } = await serve(() => ({ body }));
  const asked = apiOf(url).get(z.object({ id: z.number() }), '/x');
  await expect(asked).rejects.toMatchObject({ code: 'SBX_REMOTE_UNEXPECTED' });
});

it('writes a project into a path as GitLab wants it', () => {
  expect(projectId('acme/tools/appliance')).toBe('acme%2Ftools%2Fappliance');
  expect(projectId(7)).toBe('7');
});
