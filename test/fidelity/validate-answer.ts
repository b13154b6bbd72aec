import type { ErrorObject } from 'ajv';
import { ANSWER_SCHEMAS } from './answer-schemas.ts';
import { schemaOf } from './schemas.ts';

interface Entry {
  route: string;
  method: string;
  pattern: RegExp;
  flag: string | undefined;
  schema: string;
}

const ENTRIES: readonly Entry[] = ANSWER_SCHEMAS.map(([route, schema]) => {
  const [, method = '', path = '', flag] = /^(\w+) ([^?]+)(?:\?(\w+))?$/.exec(route) ?? [];
  const pattern = new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`);
  return { route, method, pattern, flag, schema };
});

/** The row of the table for a request; the one that asks for a query parameter goes before the one that does not. */
export function schemaFor(method: string, path: string): { route: string; schema: string } | null {
  const [pathname = '', query = ''] = path.split('?', 2);
  const inner = pathname.replace(/^.*?\/api\/v4(?=\/)/, '').replace(/\/+$/, '');
  const parameters = new URLSearchParams(query);
  const matching = ENTRIES.filter(entry => entry.method === method && entry.pattern.test(inner));
  // `/members/all` is a listing, not a member called "all".
  const exact = matching.sort((a, b) => a.route.split(':').length - b.route.split(':').length);
  const isOn = (flag: string) => ['true', '1'].includes(parameters.get(flag) ?? '');
  return (
    exact.find(entry => entry.flag !== undefined && isOn(entry.flag)) ??
    exact.find(entry => entry.flag === undefined) ??
    null
  );
}

function describe(error: ErrorObject): string {
  const extra = Object.values(error.params as Record<string, unknown>)
    .map(value => JSON.stringify(value))
    .join(' ');
  return `${error.instancePath || '/'} ${error.message} (${extra})`;
}

/** What a schema of the table (`file`, `file[]`, `file[0]`) says against a value; empty = nothing. */
export function faultsIn(schema: string, body: unknown): string[] {
  const file = schema.replace(/\[0?\]$/, '');
  if (schema.endsWith('[]')) {
    if (!Array.isArray(body)) return ['/ must be an array'];
    return body.flatMap((item, index) => faultsIn(file, item).map(fault => `/${index}${fault}`));
  }
  const validate = schemaOf(file);
  if (validate(schema.endsWith('[0]') ? [body] : body)) return [];
  return (validate.errors ?? []).map(describe);
}

/**
 * Where GitLab's documentation and its schemas disagree, because the specs behind the schemas run everything at once:
 * `changes_count` is null until a new merge request has been prepared in the background.
 */
function asSpecified(schema: string, body: unknown): unknown {
  if (!schema.startsWith('merge_request')) return body;
  if (Array.isArray(body)) return body.map(item => asSpecified(schema, item));
  const item = body as Record<string, unknown>;
  return item['changes_count'] === null && item['prepared_at'] === null ? { ...item, changes_count: '' } : item;
}

/**
 * Holds one answer of the sandbox against GitLab's own schema for it.
 * @param path the request's path, with or without `/api/v4` in front and a query behind
 * @returns the faults, empty if there are none; null if GitLab has no schema for this answer
 */
export function validateAnswer(method: string, path: string, status: number, body: unknown): string[] | null {
  if (status < 200 || status > 299 || status === 204 || status === 202) return null;
  const found = schemaFor(method, path);
  if (found === null || body === undefined || body === null) return null;
  return faultsIn(found.schema, asSpecified(found.schema, body)).map(
    fault => `${method} ${path} -> ${found.schema}: ${fault}`,
  );
}
