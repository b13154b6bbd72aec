import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ServedRepository {
  /** `http://127.0.0.1:…/repository.git` */
  url: string;
  /** Method and path of every request, in order. */
  requests: string[];
  /** Milliseconds git itself worked, summed up. */
  gitTime: () => number;
  close: () => Promise<void>;
}

export interface ServeOptions {
  /** Only requests with this `authorization` header are let through. */
  authorization?: string;
  /** Looks at a request first; returns true when it has answered it. */
  intercept?: (request: IncomingMessage, response: ServerResponse, forward: () => Promise<void>) => boolean;
}

/** Serves one repository by the real `git http-backend`, on a free port of 127.0.0.1. */
export async function serveRepository(directory: string, options: ServeOptions = {}): Promise<ServedRepository> {
  const requests: string[] = [];
  let gitTime = 0;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (options.authorization !== undefined && request.headers.authorization !== options.authorization) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="GitLab"' }).end('HTTP Basic: Access denied');
      return;
    }
    const forward = async (): Promise<void> => {
      const start = performance.now();
      await backend(directory, request, response);
      gitTime += performance.now() - start;
    };
    if (options.intercept?.(request, response, forward)) return;
    void forward();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/repository.git`,
    requests,
    gitTime: () => gitTime,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function backend(directory: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      GIT_PROJECT_ROOT: directory,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      PATH_INFO: url.pathname.replace('/repository.git', ''),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: String(request.headers['content-encoding'] ?? ''),
      REMOTE_USER: 'test',
      REMOTE_ADDR: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => undefined);
  request.pipe(child.stdin);
  response.on('close', () => child.kill());
  let head: Buffer | null = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    if (head === null) {
      if (!response.write(chunk)) {
        child.stdout.pause();
        response.once('drain', () => child.stdout.resume());
      }
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const headers = head.toString('latin1', 0, end).split('\r\n');
    const status = headers.find(line => line.startsWith('Status: '));
    for (const line of headers.filter(text => !text.startsWith('Status: '))) {
      const colon = line.indexOf(':');
      response.setHeader(line.slice(0, colon), line.slice(colon + 1).trim());
    }
    response.writeHead(status ? Number(status.slice(8, 11)) : 200);
    response.write(head.subarray(end + 4));
    head = null;
  });
  return new Promise(resolve => {
    child.on('close', () => {
      response.end();
      resolve();
    });
  });
}
