import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Sandbox } from '../start-sandbox.ts';

export interface Reply {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads answers of every shape
  body: any;
  headers: Headers;
}

/** Calls the sandbox's API in tests, as the given user (`bot`, `admin`, `developer`, …). */
export function clientOf(sandbox: Sandbox) {
  return async (
    user: string | null,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> => {
    const response = await fetch(`${sandbox.gitlab.url}${path.startsWith('/_sandbox') ? '' : '/api/v4'}${path}`, {
      method,
      headers: {
        ...(user === null ? {} : { 'PRIVATE-TOKEN': `glpat-sandbox-${user}` }),
        ...(body === undefined || body instanceof FormData ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, body: isJson ? parse(text) : text, headers: response.headers };
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export interface Received {
  headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads payloads of every shape
  body: any;
  raw: Buffer;
}

/** A receiver of webhooks: keeps what came in, answers what `answer` says. */
export async function startReceiver(answer: () => number = () => 200) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      received.push({ headers: request.headers, body: parse(raw.toString('utf8')), raw });
      response.writeHead(answer());
      response.end();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    close: () => new Promise<void>(resolve => server.close(() => resolve())),
  };
}
