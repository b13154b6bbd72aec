import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { addressError } from '../address-error.ts';
import type { Engine } from '../engine/engine.ts';
import { BodyPool } from '../engine/intake/body-pool.ts';
import type { DeliverySource } from '../engine/intake/delivery.ts';
import { type ReceiveContext, receiveDelivery } from '../engine/intake/receive.ts';
import type { EngineLog } from '../engine/log.ts';
import { SignalboxError } from '../errors.ts';
import type { Database } from '../storage/database.ts';
import type { Who } from './access.ts';
import type { Routes } from './automations.ts';
import { youngCollector } from './collector.ts';
import { limitConnections } from './connection-limit.ts';
import { createFramework, type Framework, type RegisteredRoute } from './framework.ts';
import { createFailureLog } from './log-failures.ts';
import type { Metrics } from './metrics/create-metrics.ts';
import { sendProblem, toProblem } from './problem.ts';

/** What the configuration decides about the door. */
export interface DoorParts {
  sources: readonly DeliverySource[];
  who: Who;
  routes: readonly Routes[];
}

export interface ServerOptions extends DoorParts {
  engine: Engine;
  database: Database;
  metrics: Metrics;
  log: EngineLog;
  trustedProxies: readonly string[];
  now: () => number;
  /** False while starting and stopping: /readyz says so. */
  ready: () => boolean;
}

export interface HttpService {
  readonly routes: readonly RegisteredRoute[];
  /** @returns the port, also where 0 was asked for; throws SBX_ADDRESS_IN_USE, SBX_ADDRESS_UNUSABLE */
  listen(address: { host: string; port: number }): Promise<number>;
  /** Answers the next request by these parts; throws, and changes nothing, where they do not fit together. */
  replace(parts: DoorParts): Promise<void>;
  close(): Promise<void>;
}

/**
 * The HTTP door. Webhooks go past the framework on the bare server: their answer should wait for the disk and for nothing
 * else. All other routes are Fastify's.
 */
export async function createHttpService(options: ServerOptions): Promise<HttpService> {
  const { engine, metrics, now } = options;
  const pool = new BodyPool(youngCollector());
  const failed = createFailureLog(options.log, now);
  /** Connections on which nothing has come yet. */
  const silent = new Set<Socket>();
  let closing = false;
  let hooks = hooksOf(options.sources);
  let framework = await frameworkOf(options);
  const server = createBareServer();

  function frameworkOf({ who, routes, sources }: DoorParts): Promise<Framework> {
    const beside = sources.map(({ name }) => ({ method: 'POST', path: `/hooks/${name}` }));
    return createFramework({ ...options, who, routes, beside, failed, unlimited: request => unlimited.add(request) });
  }

  function hooksOf(sources: readonly DeliverySource[]): Map<string, ReceiveContext> {
    return new Map(sources.map(source => [`/hooks/${source.name}`, contextOf(source)]));
  }

  function contextOf(source: DeliverySource): ReceiveContext {
    return {
      source,
      intake: engine.intake,
      pool,
      now,
      stored: () => engine.stored(),
      count: (name, outcome) => metrics.delivery(name, outcome),
      refuse: (_request, answer, error) => {
        const id = randomUUID();
        failed(error, { id, method: 'POST', route: `/hooks/${source.name}` });
        sendProblem(answer, error, id);
      },
    };
  }

  function createBareServer(): Server {
    // Node would refuse a request without a host itself, and not in our words.
    const server = createServer({ requireHostHeader: false }, (request, response) => {
      silent.delete(request.socket);
      if (request.headers.host === undefined && request.httpVersion !== '1.0') {
        sendProblem(response, new SignalboxError('SBX_REQUEST_INVALID', 'it names no Host'), randomUUID());
        return;
      }
      // No name or text has one, and PostgreSQL takes none: refused before anything reads the address.
      if (request.url?.includes('%00')) {
        sendProblem(response, new SignalboxError('SBX_REQUEST_INVALID', 'its address holds a NUL'), randomUUID());
        return;
      }
      const context = request.method === 'POST' ? hooks.get(request.url?.split('?')[0] ?? '') : undefined;
      // A sender that goes on sending would keep its connection, and this server, open for ever.
      if (closing) response.setHeader('Connection', 'close');
      if (context) void receiveDelivery(request, response, context);
      else if (closing) sendProblem(response, new SignalboxError('SBX_SERVICE_STOPPING', 'come again'), randomUUID());
      else framework.handle(request, response);
    });
    server.keepAliveTimeout = 75_000;
    server.on('connection', socket => {
      silent.add(socket);
      socket.once('close', () => silent.delete(socket));
    });
    // Node's own limit counts an upload from its first byte to its last; a large one over a slow line needs longer.
    server.requestTimeout = 0;
    server.on('clientError', refuseUnreadable);
    server.on('request', request => limitBody(request));
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      // Fastify's routes say for themselves whether they want the body; a webhook is always wanted.
      if (hooks.has(request.url?.split('?')[0] ?? '')) response.writeContinue();
      server.emit('request', request, response);
    });
    // Another expectation may be ignored (RFC 9110, 10.1.1); Node would answer without a word.
    server.on('checkExpectation', (request, response) => server.emit('request', request, response));
    return server;
  }

  return {
    get routes() {
      return framework.registered;
    },
    listen: async ({ host, port }) => {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port }, resolve);
      }).catch((error: unknown) => {
        throw addressError(error, `${host}:${port}`);
      });
      limitConnections(server, options.log);
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : port;
    },
    replace: async parts => {
      const next = await frameworkOf(parts);
      const earlier = framework;
      framework = next;
      hooks = hooksOf(parts.sources);
      await earlier.close();
    },
    close: async () => {
      closing = true;
      const closed = server.listening ? new Promise(resolve => server.close(resolve)) : Promise.resolve();
      await framework.close();
      // Connections are kept for the next request: those whose last answer has gone are closed as it has.
      const over = new AbortController();
      const sweep = sweepIdle(server, silent, over.signal);
      await closed;
      over.abort();
      await sweep;
    },
  };
}

const SWEEP_EVERY = 50;

async function sweepIdle(server: Server, silent: ReadonlySet<Socket>, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    server.closeIdleConnections();
    // Opened ahead, as browsers do: Node waits a minute for a request on those.
    for (const socket of silent) if (socket.bytesRead === 0) socket.destroy();
    await pause(SWEEP_EVERY, undefined, { signal: over }).catch(() => undefined);
  }
}

/** What is no HTTP at all still gets a problem for an answer. */
function refuseUnreadable(error: { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const detail = `the request is not HTTP as it should be (${error.code ?? 'unknown'})`;
  const id = randomUUID();
  const { status, ...problem } = toProblem(new SignalboxError('SBX_REQUEST_INVALID', detail), id);
  const body = JSON.stringify({ status, ...problem });
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json\r\n`;
  socket.end(
    `${head}X-Request-Id: ${id}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
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
