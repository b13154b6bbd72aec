import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

/** GitLab's own OpenAPI description; responses in it cannot be trusted, requests can. */
export const OPENAPI_FILE = new URL('../../../shared/gitlab/openapi_v3.yaml', import.meta.url);
export const hasOpenApi = existsSync(OPENAPI_FILE);

const operation = z.object({
  parameters: z.array(z.object({ name: z.string(), in: z.string(), required: z.boolean().optional() })).optional(),
  requestBody: z
    .object({
      content: z.record(
        z.string(),
        z.object({
          schema: z
            .object({
              required: z.array(z.string()).optional(),
              properties: z.record(z.string(), z.unknown()).optional(),
            })
            .optional(),
        }),
      ),
    })
    .optional(),
});
const description = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

export type CheckRequest = (request: { method: string; url: string; body: unknown }) => string[];

/** Makes the check of one request: its path, method, query parameters and the names in its body. */
export function requestCheck(): CheckRequest {
  const { paths } = description.parse(parse(readFileSync(OPENAPI_FILE, 'utf8')));
  const routes = Object.keys(paths).map(path => ({ path, pattern: toPattern(path) }));
  return ({ method, url, body }) => {
    const [path = '', query = ''] = url.split('?');
    const candidates = routes.filter(route => route.pattern.test(path) && paths[route.path]?.[method.toLowerCase()]);
    if (candidates.length === 0) return [`${method} ${path}: GitLab has no such call`];
    const verdicts = candidates.map(route => {
      const found = operation.parse(paths[route.path]?.[method.toLowerCase()]);
      return faultsOf(`${method} ${route.path}`, found, query, body);
    });
    return verdicts.toSorted((a, b) => a.length - b.length)[0] ?? [];
  };
}

function faultsOf(where: string, found: z.infer<typeof operation>, query: string, body: unknown): string[] {
  const inQuery = (found.parameters ?? []).filter(parameter => parameter.in === 'query');
  const plain = (name: string) => name.replace(/\[\]$/, '');
  const known = new Set(inQuery.map(parameter => plain(parameter.name)));
  const given = [...new Set([...new URLSearchParams(query).keys()].map(plain))];
  const faults = given.filter(name => !known.has(name)).map(name => `${where}: no query parameter ${name}`);
  for (const parameter of inQuery) {
    if (parameter.required && !given.includes(plain(parameter.name))) faults.push(`${where}: lacks ${parameter.name}`);
  }
  const schema = found.requestBody?.content['application/json']?.schema;
  const names = typeof body === 'object' && body !== null ? Object.keys(body) : [];
  const properties = schema?.properties ?? {};
  for (const name of names) if (!(name in properties)) faults.push(`${where}: no body field ${name}`);
  for (const name of schema?.required ?? [])
    if (!names.includes(name)) faults.push(`${where}: lacks body field ${name}`);
  return faults;
}

function toPattern(path: string): RegExp {
  const escaped = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\\?\{[^}]*\}/g, '[^/]+');
  return new RegExp(`^${escaped}$`);
}
