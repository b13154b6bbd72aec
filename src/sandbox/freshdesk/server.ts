import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { answerControl, type Controlled } from '../control/control-routes.ts';
import type { RequestFaults } from '../control/faults.ts';
import type { LoggedRequest } from '../control/request-log.ts';
import { answerExtra } from './control-extras.ts';
import { ApiError } from './http/api-error.ts';
import { identify } from './http/auth.ts';
import type { Answer } from './http/call.ts';
import { meter } from './http/rate-limit.ts';
import { type RequestBody, readBody } from './http/read-body.ts';
import { cut, misbehave } from './misbehave.ts';
import { answerPage } from './pages/answer-page.ts';
import { findRoute } from './routes/routes.ts';
import type { World } from './state/world.ts';

/** The HTTP face of the account: control, API and the agents' page, behind the faults that were asked for. */
export function createFreshdeskServer(world: World, control: Controlled): Server {
  const server = createServer((request, response) => {
    handle(world, control, request, response).catch((error: unknown) => {
      if (!world.closed) console.error('sandbox: request failed', request.method, request.url, error);
      if (!response.headersSent) response.writeHead(500, { 'Content-Type': 'application/json' });
      response.end('{"code":"internal_error","message":"We\'re sorry, but something went wrong."}');
    });
  });
  server.keepAliveTimeout = 60_000;
  return server;
}

async function handle(
  world: World,
  control: Controlled,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', world.baseUrl);
  if (url.pathname.startsWith('/_sandbox/')) {
    if (await answerExtra(world, request, response, url)) return;
    return answerControl(control, request, response);
  }
  const method = request.method ?? 'GET';
  const entry = control.requests.start(method, request.url ?? '/', request.headers);
  response.on('finish', () => {
    entry.status = response.statusCode;
  });
  const faults = world.faults.forRequest(method, url.pathname, request.headers['user-agent']);
  if (await misbehave(faults, request, response, entry)) return;
  if (!url.pathname.startsWith('/api/')) {
    request.resume();
    return answerPage(world, response, url.pathname);
  }
  return answerApi(world, request, response, { url, method, faults, entry });
}

interface Arrival {
  url: URL;
  method: string;
  faults: RequestFaults;
  entry: LoggedRequest;
}

async function answerApi(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  arrival: Arrival,
): Promise<void> {
  const { faults, entry } = arrival;
  const { answer, limits } = await decide(world, request, arrival);
  if (faults.reset === 'after') return cut(request, response, entry, 'reset after');
  if (faults.commitThen !== undefined) {
    entry.fault = `commit then ${faults.commitThen}`;
    response.writeHead(faults.commitThen, { 'Content-Type': 'text/html' });
    response.end('<html><body>Bad gateway</body></html>');
    return;
  }
  sendAnswer(response, answer, limits);
}

async function decide(
  world: World,
  request: IncomingMessage,
  { url, method, faults, entry }: Arrival,
): Promise<{ answer: Answer; limits: Record<string, string> }> {
  let limits: Record<string, string> = {};
  try {
    const given = await readBody(request);
    entry.body = recorded(given);
    const agent = identify(world, request.headers.authorization);
    entry.user = agent.email;
    const { route, params } = findRoute(method, url.pathname.replace(/(?<=.)\/$/, ''));
    const metered = meter(world, route.family, route.credits?.(url) ?? 1, faults.rateLimit);
    limits = metered.headers;
    if (metered.exceeded) return { answer: tooMany(), limits };
    const { input, form, files } = given;
    return { answer: route.handler({ world, method, params, url, input, form, files, agent }), limits };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (Object.keys(limits).length === 0) limits = meter(world, undefined, 1, undefined).headers;
    return { answer: { status: error.status, body: error.body, headers: error.headers }, limits };
  }
}

/** A sentence, although the header says JSON. */
function tooMany(): Answer {
  return { status: 429, body: Buffer.from('You have exceeded the limit of requests per minute') };
}

const BODY_ON_RECORD = 64 * 1024;

function recorded({ input, files, bytes }: RequestBody): unknown {
  const names = files.map(file => file.filename);
  if (bytes > BODY_ON_RECORD) return { bytes, files: names };
  if (files.length > 0) return { ...input, files: names };
  return bytes > 0 ? input : null;
}

function sendAnswer(response: ServerResponse, answer: Answer, limits: Record<string, string>): void {
  const { status, body, headers } = answer;
  const bytes = body === undefined ? null : Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    // Rails says text/html of an empty answer, and clients that trust the header do not parse it.
    ...(status === 204
      ? {}
      : {
          'Content-Type': bytes === null ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
          'Content-Length': String(bytes?.length ?? 0),
        }),
    'X-Freshdesk-Api-Version': 'latest=v2; requested=v2',
    ...limits,
    'x-request-id': randomUUID(),
    ...headers,
  });
  response.end(bytes ?? undefined);
}
