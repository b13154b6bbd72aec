import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { answerControl } from '../control/control-routes.ts';
import { faultText } from '../control/fault-text.ts';
import type { RequestFaults } from '../control/faults.ts';
import type { LoggedRequest } from '../control/request-log.ts';
import { parseNested } from '../http/nested.ts';
import { answerGit } from './git-http.ts';
import { ApiError, forbidden, unauthorized } from './http/api-error.ts';
import { checkScope, identify } from './http/auth.ts';
import type { Answer, Call } from './http/call.ts';
import { describe, throttle } from './http/rate-limit.ts';
import { type RequestBody, readBody } from './http/read-body.ts';
import type { Match, Router } from './http/router.ts';
import { answerPage } from './pages/pages.ts';
import type { Service } from './service.ts';

/** The HTTP face of the instance: control, git, API and pages, each behind the faults that were asked for. */
export function createGitLabServer(service: Service): Server {
  const server = createServer((request, response) => {
    handle(service, request, response).catch((error: unknown) => {
      if (!service.world.closed) console.error('sandbox: request failed', request.method, request.url, error);
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
      response.end('{"message":"500 Internal Server Error"}');
    });
  });
  server.keepAliveTimeout = 60_000;
  return server;
}

async function handle(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', service.world.baseUrl);
  if (url.pathname.startsWith('/_sandbox/')) return answerControl(service.control, request, response);
  const method = request.method ?? 'GET';
  const entry = service.control.requests.start(method, request.url ?? '/', request.headers);
  response.on('finish', () => {
    entry.status = response.statusCode;
  });
  const faults = service.world.faults.forRequest(method, url.pathname, request.headers['user-agent']);
  if (faults.delayMs > 0) await new Promise(resolve => setTimeout(resolve, faults.delayMs));
  if (faults.reset === 'before') return cut(request, response, entry, 'reset before');
  if (faults.status !== undefined) return sendFault(request, response, entry, faults.status);
  if (url.pathname.startsWith('/api/')) return answerApi(service, request, response, url, faults, entry);
  if (/\.git\/(info\/refs|git-upload-pack|git-receive-pack)$/.test(url.pathname))
    return answerGit(service.world, request, response, url);
  return answerPage(service, request, response, url);
}

function cut(request: IncomingMessage, response: ServerResponse, entry: LoggedRequest, fault: string): void {
  entry.status = 0;
  entry.fault = fault;
  response.destroy();
  request.destroy();
}

function sendFault(
  request: IncomingMessage,
  response: ServerResponse,
  entry: LoggedRequest,
  fault: NonNullable<RequestFaults['status']>,
): void {
  entry.fault = `status ${fault.status}`;
  request.resume();
  const type = typeof fault.body === 'object' ? 'application/json' : 'text/html';
  response.writeHead(fault.status, { 'content-type': type, ...fault.headers });
  response.end(faultText(fault.body, request.headers));
}

async function answerApi(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  faults: RequestFaults,
  entry: LoggedRequest,
): Promise<void> {
  const { world } = service;
  const path = url.pathname
    .replace(/^\/api\/v4/, '')
    .replace(/(?<=.)\/$/, '')
    .replace(/\.json$/, '');
  const method = request.method ?? 'GET';
  let route = '';
  let answer: Answer;
  let limits: Record<string, string> = {};
  try {
    const given = await readBody(request, world.settings.maxAttachmentBytes + 64 * 1024);
    const { input, files } = given;
    entry.body = recorded(given);
    const match = findRoute(service.router, method, url.pathname, path);
    route = match.route.path;
    const merged = { ...parseNested(url.search.slice(1)), ...input };
    const identity = identify(world, request.headers, merged, match.route);
    entry.user = identity.user?.username ?? null;
    const limit =
      faults.rateLimit === undefined
        ? throttle(world, entry.user ?? String(request.socket.remoteAddress))
        : describe(faults.rateLimit);
    limits = limit.headers;
    if (limit.exceeded)
      answer = { status: 429, body: Buffer.from('Retry later\n'), headers: { 'content-type': 'text/plain' } };
    else {
      checkAccess(match, identity.user, method, url.pathname, identity.token);
      answer = await match.route.handler({
        world,
        method,
        path: url.pathname,
        url,
        params: match.params,
        input: merged,
        files,
        headers: request.headers,
        eventUuid: headerOf(request, 'x-gitlab-event-uuid'),
        ...identity,
      } satisfies Call);
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    answer = { status: error.status, body: error.body, headers: error.headers };
  }
  if (faults.reset === 'after') return cut(request, response, entry, 'reset after');
  if (faults.commitThen !== undefined) {
    entry.fault = `commit then ${faults.commitThen}`;
    response.writeHead(faults.commitThen, { 'content-type': 'text/html' });
    response.end(
      `<html>\n<head><title>${faults.commitThen}</title></head>\n<body>GitLab is not responding</body>\n</html>\n`,
    );
    return;
  }
  const { status, body } = answer;
  const { version } = service.world.settings;
  service.onAnswer?.({ method, route, path: url.pathname, query: url.search, status, body, version });
  sendAnswer(response, method, answer, limits);
}

const BODY_ON_RECORD = 64 * 1024;

/** What the request log keeps of a body: parameters and file names; of very large ones only the size. */
function recorded({ input, files, raw }: RequestBody): unknown {
  if (raw.length > BODY_ON_RECORD) return { bytes: raw.length, files: files.map(file => file.filename) };
  if (files.length > 0) return { ...input, files: files.map(file => file.filename) };
  if (Object.keys(input).length > 0) return input;
  return raw.length > 0 ? raw.toString('utf8') : null;
}

function findRoute(router: Router, method: string, fullPath: string, path: string): Match {
  const found = fullPath.startsWith('/api/v4/') ? router.find(method, path) : null;
  if (found === null) throw new ApiError(404, { error: '404 Not Found' });
  if (Array.isArray(found)) throw new ApiError(405, { error: '405 Not Allowed' }, { allow: found.join(', ') });
  return found;
}

function checkAccess(match: Match, user: Call['user'], method: string, path: string, token: Call['token']): void {
  if (match.route.access !== 'public' && user === null) throw unauthorized();
  if (match.route.access === 'admin' && user?.isAdmin !== true) throw forbidden();
  checkScope(token, method, path);
}

function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

function sendAnswer(response: ServerResponse, method: string, answer: Answer, limits: Record<string, string>): void {
  const raw = Buffer.isBuffer(answer.body);
  const empty = answer.body === undefined || answer.status === 204;
  const body = empty ? Buffer.alloc(0) : raw ? (answer.body as Buffer) : Buffer.from(JSON.stringify(answer.body));
  const id = randomUUID();
  response.writeHead(answer.status, {
    ...(empty && answer.status === 204
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(body.length) }),
    'cache-control': 'max-age=0, private, must-revalidate',
    vary: 'Origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
    'x-gitlab-meta': `{"correlation_id":"${id}","version":"1"}`,
    'x-request-id': id,
    ...limits,
    ...answer.headers,
  });
  response.end(method === 'HEAD' ? undefined : body);
}
