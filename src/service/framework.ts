import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type FastifyInstance, fastify } from 'fastify';
import { SignalboxError } from '../errors.ts';
import { type ApiRoutesOptions, apiRoutes } from './api-routes.ts';
import type { Routes } from './automations.ts';
import type { FailedRequest } from './log-failures.ts';
import { type DescribedRoute, openApi } from './openapi/openapi.ts';
import { RETRY_AFTER, sendProblem, toProblem } from './problem.ts';

/** One route of Fastify's; webhooks go past it. */
export type RegisteredRoute = DescribedRoute;

export interface FrameworkOptions extends ApiRoutesOptions {
  trustedProxies: readonly string[];
  /** What the automations bring; each in a scope of its own, so that its body parsers are its own. */
  routes: readonly Routes[];
  now: () => number;
  /** What goes past the framework, for the description. */
  beside: readonly RegisteredRoute[];
  /** Told of every error that a request ends with. */
  failed: (error: unknown, request: FailedRequest) => void;
  /** The request is an upload that watches its own pace. */
  unlimited: (request: IncomingMessage) => void;
}

/** All routes of one generation of the configuration, behind a server of somebody else's. */
export interface Framework {
  registered: readonly RegisteredRoute[];
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Requests under way go on to their end. */
  close(): Promise<void>;
}

export async function createFramework(options: FrameworkOptions): Promise<Framework> {
  const { now } = options;
  const app: FastifyInstance = fastify({
    bodyLimit: 1024 * 1024,
    // Keys stand in addresses, and a project may lie deep in groups.
    routerOptions: { maxParamLength: 2000 },
    genReqId: () => randomUUID(),
    trustProxy: [...options.trustedProxies],
    frameworkErrors: (error, request, reply) => sendProblem(reply.raw, fromFramework(error), request.id),
    // It never listens: requests are handed over, so that another generation can take its place.
    serverFactory: () => createServer(),
  });
  const registered: RegisteredRoute[] = [];
  app.addHook('onRoute', ({ method, url, config }) => {
    const reads = config?.reads === undefined ? {} : { reads: config.reads };
    for (const each of [method].flat()) registered.push({ method: each, path: url, ...reads });
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('X-Request-Id', request.id);
    if (request.routeOptions.config.answersExpect) options.unlimited(request.raw);
  });
  app.addHook('preParsing', async (request, reply) => {
    const waits = /^100-continue$/i.test(request.headers.expect ?? '');
    if (waits && !request.routeOptions.config.answersExpect) reply.raw.writeContinue();
  });
  app.setErrorHandler((error, request, reply) => {
    const ours = fromFramework(error);
    const problem = toProblem(ours, request.id);
    options.failed(ours, { id: request.id, method: request.method, route: request.routeOptions.url ?? '' });
    const retryAt = error instanceof SignalboxError ? error.retryAt : undefined;
    if (retryAt !== undefined) reply.header('Retry-After', Math.max(1, Math.ceil((retryAt - now()) / 1000)));
    else if (problem.status === 503 && !reply.hasHeader('Retry-After')) reply.header('Retry-After', RETRY_AFTER);
    return reply.code(problem.status).type('application/problem+json').send(problem);
  });
  app.setNotFoundHandler((request, reply) => {
    // Without what stands behind the question mark: that may be somebody's secret.
    const route = `${request.method} ${request.url.split('?')[0]}`;
    const problem = toProblem(new SignalboxError('SBX_ROUTE_NOT_FOUND', route), request.id);
    return reply.code(problem.status).type('application/problem+json').send(problem);
  });
  apiRoutes(app, options);
  app.get('/openapi.json', async request => {
    await options.who(request, 'viewer');
    return openApi([...options.beside, ...registered]);
  });
  for (const routes of options.routes) void app.register(async scope => routes(scope));
  await app.ready();
  return {
    registered,
    handle: (request, response) => app.routing(request, response),
    close: () => app.close(),
  };
}

/** Fastify's own errors (bad JSON, unknown media type) are the caller's; anything else that is not ours stays inside. */
function fromFramework(error: unknown): unknown {
  if (error instanceof SignalboxError) return error;
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode === 413) return new SignalboxError('SBX_REQUEST_TOO_LARGE', 'the body is longer than it may be here');
  if (statusCode === 415) return new SignalboxError('SBX_REQUEST_WRONG_TYPE', 'the body is of another type');
  if (statusCode !== undefined && statusCode < 500) return new SignalboxError('SBX_REQUEST_INVALID', message ?? '');
  return error;
}
