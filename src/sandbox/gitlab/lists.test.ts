import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { clientOf } from './test-client.ts';

let sandbox: Sandbox;
let call: ReturnType<typeof clientOf>;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: { issues: 45, tags: 10_005 } });
  call = clientOf(sandbox);
});
afterAll(() => sandbox.close());

function links(header: string | null): Record<string, string> {
  const found = [...(header ?? '').matchAll(/<([^>]+)>; rel="(\w+)"/g)].map(match => [match[2]!, match[1]!]);
  return Object.fromEntries(found) as Record<string, string>;
}

test('offset pages: the numbers, and links that lead to the neighbours', async () => {
  const page = await call('bot', 'GET', '/projects/1/issues?per_page=10&page=2&state=opened');
  expect(page.body).toHaveLength(10);
  expect(
    Object.fromEntries(
      ['x-total', 'x-total-pages', 'x-page', 'x-per-page', 'x-next-page', 'x-prev-page'].map(name => [
        name,
        page.headers.get(name),
      ]),
    ),
  ).toEqual({
    'x-total': '49',
    'x-total-pages': '5',
    'x-page': '2',
    'x-per-page': '10',
    'x-next-page': '3',
    'x-prev-page': '1',
  });
  const found = links(page.headers.get('link'));
  expect(Object.keys(found)).toEqual(['prev', 'next', 'first', 'last']);
  const next = new URL(found['next']!);
  expect(Object.fromEntries(next.searchParams)).toEqual({ per_page: '10', page: '3', state: 'opened' });
  const last = await call('bot', 'GET', found['last']!.replace(`${sandbox.gitlab.url}/api/v4`, ''));
  expect(last.body).toHaveLength(9);
  expect(last.headers.get('x-next-page')).toBe('');
  expect(links(last.headers.get('link'))['next']).toBeUndefined();
});

test('never more than 100 on a page', async () => {
  expect((await call('bot', 'GET', '/projects/2/repository/tags?per_page=1000')).body).toHaveLength(100);
});

test('above 10,000 rows nobody counts', async () => {
  const page = await call('bot', 'GET', '/projects/2/repository/tags?per_page=100');
  expect(page.headers.get('x-total')).toBeNull();
  expect(page.headers.get('x-next-page')).toBe('2');
  expect(Object.keys(links(page.headers.get('link')))).toEqual(['next', 'first']);
  const few = await call('bot', 'GET', '/projects/2/repository/tags?search=^v1.4');
  expect(few.headers.get('x-total')).toBe('3');
});

test('keyset pages: every row once, only a next link, the last page has none', async () => {
  const seen: number[] = [];
  let path: string | undefined = '/projects/1/issues?pagination=keyset&per_page=20&order_by=created_at&sort=asc';
  let pages = 0;
  while (path !== undefined) {
    const page: Awaited<ReturnType<typeof call>> = await call('bot', 'GET', path);
    seen.push(...page.body.map((issue: { iid: number }) => issue.iid));
    expect(page.headers.get('x-page')).toBeNull();
    path = links(page.headers.get('link'))['next']?.replace(`${sandbox.gitlab.url}/api/v4`, '');
    pages += 1;
  }
  expect(pages).toBe(3);
  expect(seen).toEqual(Array.from({ length: 49 }, (_, index) => index + 1));

  const projects = await call('admin', 'GET', '/projects?pagination=keyset&order_by=id&sort=asc&per_page=2');
  expect(projects.body.map((project: { id: number }) => project.id)).toEqual([1, 2]);
  expect(links(projects.headers.get('link'))['next']).toContain('id_after=2');
});

test('filters', async () => {
  const iids = async (query: string) =>
    (await call('bot', 'GET', `/projects/1/issues?${query}`)).body.map((issue: { iid: number }) => issue.iid);
  expect(await iids('iids[]=1&iids[]=3&sort=asc')).toEqual([1, 3]);
  expect(await iids('labels=Testing,To%20Do')).toEqual([]);
  expect(await iids('author_username=reporter&sort=asc')).toEqual([1, 3]);
  expect(await iids('confidential=true')).toEqual([4]);
  expect(await iids('search=licence')).toEqual([2]);
  expect(await iids('assignee_username[]=developer&not[labels]=Testing')).toEqual([2]);
  expect(await iids(`updated_after=${encodeURIComponent(new Date(Date.now() + 60_000).toISOString())}`)).toEqual([]);
  expect((await call('bot', 'GET', '/issues')).body).toEqual([]);
  expect((await call('reporter', 'GET', '/issues')).body).toHaveLength(2);
});
