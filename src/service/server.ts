import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { fastify } from 'fastify';
import type { Engine } from '../engine/engine.ts';
import { BodyPool } from '../engine/intake/body-pool.ts';
import type { DeliverySource } from '../engine/intake/delivery.ts';
import { type ReceiveContext, receiveDelivery } from '../engine/intake/receive.ts';
import { SignalboxError } from '../errors.ts';
import type { Database } from '../storage/database.ts';
import type { Who } from './access.ts';
import { apiRoutes } from './api-routes.ts';
import type { Routes } from './automations.ts';
import type { Metrics } from './metrics.ts';
import { sendProblem, toProblem } from './problem.ts';

export interface ServerOptions {
  engine: Engine;
  database: Database;
  sources: readonly DeliverySource[];
  metrics: Metrics;
  who: Who;
  trustedProxies: readonly string[];
  /** What the automations bring; each in a scope of its own, so that its body parsers are its own. */
  routes: readonly Routes[];
  now: () => number;
  /** False while starting and stopping: /readyz says so. */
  ready: () => boolean;
}

/** One route of Fastify's; webhooks go past it. */
export interface RegisteredRoute {
  method: string;
  path: string;
}

export interface HttpService {
  /** Filled while listening begins. */
  routes: readonly RegisteredRoute[];
  /** @returns the port, also where 0 was asked for; throws SBX_ADDRESS_IN_USE */
  listen(address: { host: string; port: number }): Promise<number>;
  close(): Promise<void>;
}

/**
 * The HTTP door. Webhooks go past the framework on the bare server: their answer should wait for the disk and for nothing
 * else. All other routes are Fastify's.
 */
export function createHttpService(options: ServerOptions): HttpService {
  const { engine, metrics, now } = options;
  const pool = new BodyPool();
  let closing = false;
  const hooks = new Map(options.sources.map(source => [`/hooks/${source.name}`, contextOf(source)]));

  const app = fastify({
    bodyLimit: 1024 * 1024,
    // Keys stand in addresses, and a project may lie deep in groups.
    routerOptions: { maxParamLength: 2000 },
    genReqId: () => randomUUID(),
    trustProxy: [...options.trustedProxies],
    clientErrorHandler: (error, socket) => refuseUnreadable(error, socket),
    frameworkErrors: (error, request, reply) => sendProblem(reply.raw, fromFramework(error), request.id),
    serverFactory: handler => createBareServer((request, response) => handler(request, response)),
  });

  function contextOf(source: DeliverySource): ReceiveContext {
    return {
      source,
      intake: engine.intake,
      pool,
      now,
      stored: () => engine.stored(),
      count: (name, outcome) => metrics.delivery(name, outcome),
      refuse: (_request, answer, error) => sendProblem(answer, error, randomUUID()),
    };
  }

  function createBareServer(others: (request: IncomingMessage, response: ServerResponse) => void): Server {
    const server = createServer((request, response) => {
      const context = request.method === 'POST' ? hooks.get(request.url?.split('?')[0] ?? '') : undefined;
      if (!context) {
        others(request, response);
        return;
      }
      // A sender that goes on sending would keep its connection, and this server, open for ever.
      if (closing) response.setHeader('Connection', 'close');
      void receiveDelivery(request, response, context);
    });
    server.keepAliveTimeout = 75_000;
    // Node's own limit counts an upload from its first byte to its last; a large one over a slow line needs longer.
    server.requestTimeout = 0;
    server.on('request', request => limitBody(request));
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      // Fastify's routes say for themselves whether they want the body; a webhook is always wanted.
      if (hooks.has(request.url?.split('?')[0] ?? '')) response.writeContinue();
      server.emit('request', request, response);
    });
    return server;
  }

  const registered: RegisteredRoute[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) registered.push({ method: each, path: url });
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('X-Request-Id', request.id);
    if (request.routeOptions.config.answersExpect) unlimited.add(request.raw);
  });
  app.addHook('preParsing', async (request, reply) => {
    const waits = /^100-continue$/i.test(request.headers.expect ?? '');
    if (waits && !request.routeOptions.config.answersExpect) reply.raw.writeContinue();
  });
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(fromFramework(error), request.id);
    const retryAt = error instanceof SignalboxError ? error.retryAt : undefined;
    if (retryAt !== undefined) reply.header('Retry-After', Math.max(1, Math.ceil((retryAt - now()) / 1000)));
    return reply.code(problem.status).type('application/problem+json').send(problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const problem = toProblem(
      new SignalboxError('SBX_ROUTE_NOT_FOUND', `${request.method} ${request.url}`),
      request.id,
    );
    return reply.code(problem.status).type('application/problem+json').send(problem);
  });
  apiRoutes(app, options);
  for (const routes of options.routes) void app.register(async scope => routes(scope));

  return {
    routes: registered,
    listen: async ({ host, port }) => {
      try {
        await app.listen({ host, port });
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
        throw new SignalboxError('SBX_ADDRESS_IN_USE', `${host}:${port}`, { cause });
      }
      const address = app.server.address();
      return typeof address === 'object' && address !== null ? address.port : port;
    },
    close: async () => {
      closing = true;
      app.server.closeIdleConnections();
      await app.close();
    },
  };
}

/** What is no HTTP at all still gets a problem for an answer. */
function refuseUnreadable(error: { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const detail = `the request is not HTTP as it should be (${error.code ?? 'unknown'})`;
  const { status, ...problem } = toProblem(new SignalboxError('SBX_REQUEST_INVALID', detail), randomUUID());
  const body = JSON.stringify({ status, ...problem });
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json\r\n`;
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}

/** How long a body may take that is no upload: uploads watch their own pace. */
const BODY_PATIENCE = 300_000;
const unlimited = new WeakSet<IncomingMessage>();

/** Cuts a connection whose body does not come to its end. */
function limitBody(request: IncomingMessage): void {
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) return;
  const timer = setTimeout(() => {
    if (!request.complete && !unlimited.has(request)) request.socket.destroy();
  }, BODY_PATIENCE).unref();
  request.once('close', () => clearTimeout(timer));
}

/** Fastify's own errors (bad JSON, unknown media type) are the caller's; anything else that is not ours stays inside. */
function fromFramework(error: unknown): unknown {
  if (error instanceof SignalboxError) return error;
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode !== undefined && statusCode < 500) return new SignalboxError('SBX_REQUEST_INVALID', message ?? '');
  return error;
}
