import { z } from 'zod';
import { VERSION } from '../../version.ts';
import { type Serves, SUMMARIES } from './summaries.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The schemas by which the route reads its request, for `/openapi.json`. */
    reads?: { query?: z.ZodObject; body?: z.ZodType };
  }
}

/** One route, as far as it can be described. */
export interface DescribedRoute {
  method: string;
  /** As the framework has it: `/v1/journal/:seq`. */
  path: string;
  reads?: { query?: z.ZodObject; body?: z.ZodType };
}

type Json = Record<string, unknown>;

const PROBLEM = { $ref: '#/components/schemas/Problem' };

/** How a request shows that it may; an empty list is anybody. */
const SECURITY: Record<Serves, readonly Json[]> = {
  anybody: [],
  viewer: [{ token: [] }, { session: [] }],
  operator: [{ token: [] }, { session: [] }],
  session: [{ session: [] }],
  agent: [{ token: [] }, { session: [] }],
  product: [{ token: [] }, { session: [] }],
  source: [{ token: [] }],
  job: [{ token: [] }],
  hook: [{ gitlabToken: [] }, { gitlabSignature: [] }, { freshdeskSecret: [] }],
};

const WHO: Record<Serves, string> = {
  anybody: 'For anybody.',
  viewer: 'For a viewer.',
  operator: 'For an operator.',
  session: 'For a signed-in browser.',
  agent: 'For an agent of `escalation.agents`, or an operator.',
  product: 'For the credential of the product; what only looks is for a viewer as well.',
  source: 'For a source of `races.sources`.',
  job: 'For the id_token of a CI job.',
  hook: 'For the secret of the hook, checked on the raw bytes.',
};

/**
 * The description of the HTTP interface (OpenAPI 3.1), from the routes that this service has, with the schemas by which they
 * read queries and bodies as far as there are any. Answers are described in words: docs/http.md.
 */
export function openApi(routes: readonly DescribedRoute[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const summary = SUMMARIES[`${route.method} ${route.path}`];
    if (!summary) continue;
    const path = route.path.replaceAll(/:([A-Za-z_]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, summary) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Signalbox',
      version: VERSION,
      description: 'Releases, escalations, version checks, boards, races and library tags.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: { schemas: { Problem: problemSchema() }, securitySchemes: securitySchemes() },
  };
}

function operation(route: DescribedRoute, [serves, summary]: readonly [Serves, string]): Json {
  const names = [...route.path.matchAll(/:([A-Za-z_]+)/g)].map(match => match[1] ?? '');
  const inPath = names.map(name => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const parameters = [...inPath, ...queryParameters(route.reads?.query)];
  const body = route.reads?.body;
  return {
    operationId: operationId(route),
    summary,
    description: WHO[serves],
    tags: [
      route.path
        .split('/')
        .filter(part => part !== 'v1')[1]
        ?.replace(/\..*$/, '') ?? 'service',
    ],
    security: SECURITY[serves],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } } }),
    responses: {
      '2XX': { description: 'Done, or taken up' },
      default: {
        description: 'What is wrong, and what to do',
        content: { 'application/problem+json': { schema: PROBLEM } },
      },
    },
  };
}

/** `getV1JournalSeq`. */
function operationId({ method, path }: DescribedRoute): string {
  const words = path.replace(/\/$/, '/index').split(/[^A-Za-z0-9]+/);
  return method.toLowerCase() + words.map(word => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
}

function queryParameters(query: z.ZodObject | undefined): Json[] {
  if (!query) return [];
  const { properties, required } = schemaOf(query) as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required?.includes(name) ?? false,
    schema,
  }));
}

/** What may be sent; what JSON Schema cannot say (a date that is read from text) is left open. */
function schemaOf(schema: z.ZodType): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

function problemSchema(): Json {
  const text = { type: 'string' };
  return {
    type: 'object',
    description: 'RFC 9457. docs/errors.md lists every code.',
    required: ['type', 'title', 'status', 'code'],
    properties: {
      type: text,
      title: text,
      status: { type: 'integer' },
      code: { type: 'string', pattern: '^SBX_' },
      detail: text,
      instance: text,
      remedy: text,
    },
  };
}

function securitySchemes(): Json {
  const header = (name: string, description: string) => ({ type: 'apiKey', in: 'header', name, description });
  return {
    token: { type: 'http', scheme: 'bearer', description: 'The credential that the description of the route names' },
    session: {
      type: 'apiKey',
      in: 'cookie',
      name: 'signalbox-session',
      description: 'A signed-in browser; a change needs its `csrf` as X-Signalbox-CSRF',
    },
    gitlabToken: header('X-Gitlab-Token', 'One of gitlab.webhook.secret_tokens'),
    gitlabSignature: header('webhook-signature', 'Standard Webhooks, with one of gitlab.webhook.signing_tokens'),
    freshdeskSecret: header('X-Signalbox-Secret', 'freshdesk.webhook_secret'),
  };
}
