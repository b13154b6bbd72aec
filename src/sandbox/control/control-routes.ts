import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { type FaultBook, faultRule } from './faults.ts';
import type { RequestLog } from './request-log.ts';

/** What a simulator must be able to do for `/_sandbox/`. */
export interface Controlled {
  faults: FaultBook;
  requests: RequestLog;
  /** Back to the state right after the start, faults and request log included. */
  reset(): Promise<void>;
  /** A fresh seed with these options; throws a ZodError when they are wrong. */
  seed(options: unknown): Promise<unknown>;
  state(): Promise<unknown>;
  /** Resolves when nothing is under way any more. */
  settle(): Promise<void>;
}

/**
 * Answers `/_sandbox/…`, the same on every simulator:
 * POST reset · POST seed · GET state · GET/DELETE requests · GET/POST/DELETE faults · DELETE faults/:id · POST settle.
 */
export async function answerControl(
  controlled: Controlled,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const key = `${request.method} ${url.pathname.replace(/^\/_sandbox\//, '').replace(/\/$/, '')}`;
  try {
    const { status, body } = await answer(controlled, key, url, () => readJson(request));
    reply(response, status, body);
  } catch (error) {
    if (error instanceof z.ZodError) reply(response, 400, { error: z.prettifyError(error) });
    else if (error instanceof SyntaxError) reply(response, 400, { error: 'The body is not JSON' });
    else throw error;
  }
}

async function answer(
  controlled: Controlled,
  key: string,
  url: URL,
  body: () => Promise<unknown>,
): Promise<{ status: number; body: unknown }> {
  const { faults, requests } = controlled;
  switch (key) {
    case 'POST reset':
      await controlled.reset();
      return { status: 200, body: { ok: true } };
    case 'POST seed':
      return { status: 200, body: await controlled.seed(await body()) };
    case 'GET state':
      return { status: 200, body: await controlled.state() };
    case 'POST settle':
      await controlled.settle();
      return { status: 200, body: { ok: true } };
    case 'GET requests': {
      const after = Number(url.searchParams.get('after') ?? 0);
      return {
        status: 200,
        body: requests.list({ method: url.searchParams.get('method'), path: url.searchParams.get('path'), after }),
      };
    }
    case 'DELETE requests':
      requests.clear();
      return { status: 200, body: { ok: true } };
    case 'GET faults':
      return { status: 200, body: faults.list() };
    case 'POST faults': {
      const given = await body();
      const ids = (Array.isArray(given) ? given : [given]).map(rule => faults.add(faultRule.parse(rule)));
      return { status: 201, body: Array.isArray(given) ? { ids } : { id: ids[0] } };
    }
    case 'DELETE faults':
      faults.clear();
      return { status: 200, body: { ok: true } };
    default: {
      const id = /^DELETE faults\/(\d+)$/.exec(key)?.[1];
      if (id !== undefined && faults.remove(Number(id))) return { status: 200, body: { ok: true } };
      return { status: 404, body: { error: 'Not found. There are: reset, seed, state, requests, faults, settle' } };
    }
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return text.trim() === '' ? {} : JSON.parse(text);
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
