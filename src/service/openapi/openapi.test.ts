import { expect, it } from 'vitest';
import { z } from 'zod';
import { openApi } from './openapi.ts';
import { SUMMARIES } from './summaries.ts';

const routes = Object.keys(SUMMARIES).map(name => {
  const [method = '', path = ''] = name.split(' ');
  return { method, path };
});

interface Operation {
  operationId: string;
  security: object[];
  parameters?: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { content: { 'application/json': { schema: object } } };
}

function operation(document: object, path: string, method: string): Operation {
  return (document as { paths: Record<string, Record<string, Operation>> }).paths[path]![method]!;
}

it('names every route with its parameters, each under an id of its own', () => {
  const document = openApi(routes);
  const { paths } = document as { paths: Record<string, Record<string, Operation>> };
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.values(methods).map(each => ({ path, ...each })),
  );
  expect(all).toHaveLength(routes.length);
  for (const { path, parameters = [] } of all) {
    const inPath = parameters.filter(each => each.in === 'path').map(each => `{${each.name}}`);
    expect(path.match(/\{\w+\}/g) ?? [], path).toEqual(inPath);
  }
  expect(new Set(all.map(each => each.operationId)).size).toBe(all.length);
});

it('takes queries and bodies from the schemas that read them', () => {
  const query = z.object({ key: z.string(), limit: z.coerce.number().int().max(500).default(50) });
  const body = z.object({ ticket_id: z.number() });
  const document = openApi([
    { method: 'GET', path: '/v1/journal', reads: { query } },
    { method: 'POST', path: '/v1/escalations', reads: { body } },
    { method: 'GET', path: '/not/in/the/list' },
  ]);
  expect(operation(document, '/v1/journal', 'get').parameters).toMatchObject([
    { name: 'key', in: 'query', required: true, schema: { type: 'string' } },
    { name: 'limit', in: 'query', required: false, schema: { default: 50 } },
  ]);
  expect(operation(document, '/v1/escalations', 'post').requestBody?.content['application/json'].schema).toMatchObject({
    type: 'object',
    required: ['ticket_id'],
  });
  expect(Object.keys(document['paths'] as object)).toEqual(['/v1/journal', '/v1/escalations']);
});

it('lets anybody in only where it says so', () => {
  const document = openApi(routes);
  expect(operation(document, '/healthz', 'get').security).toEqual([]);
  expect(operation(document, '/v1/work/{key}/replay', 'post').security).not.toEqual([]);
});
