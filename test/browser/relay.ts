import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface RelayedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Between browser and service: sees every request, and can be a bad line or a service that says something strange. */
export interface Relay {
  url: string;
  requests: RelayedRequest[];
  /** `cut` ends connections without an answer, `proxy_error` answers with a page of HTML. */
  weather: 'fine' | 'cut' | 'proxy_error';
  /** Waits before an answer goes on. */
  hold: (request: RelayedRequest) => Promise<void> | undefined;
  /** Changes an answer in JSON. */
  rewrite: (request: RelayedRequest, body: unknown) => unknown;
  /** Back to a line that only passes things on. */
  calm(): void;
  close(): Promise<void>;
}

/** Starts a relay; `target` may be given later, as services want to know their public address when they start. */
export async function startRelay(target: () => string): Promise<Relay> {
  const server = createServer((incoming, outgoing) => {
    void pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const relay: Relay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    weather: 'fine',
    hold: () => undefined,
    rewrite: (_request, body) => body,
    calm: () => {
      relay.requests.length = 0;
      relay.weather = 'fine';
      relay.hold = () => undefined;
      relay.rewrite = (_request, body) => body;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = incoming;
    const body = await buffer(incoming);
    const seen = { method, path, headers, body: body.toString('utf8') };
    relay.requests.push(seen);
    if (relay.weather === 'cut') {
      outgoing.destroy();
      return;
    }
    if (relay.weather === 'proxy_error') {
      outgoing.writeHead(502, { 'Content-Type': 'text/html' }).end('<h1>502 Bad Gateway</h1>');
      return;
    }
    const answer = await forward(new URL(path, target()), seen, body);
    let content = await buffer(answer);
    await relay.hold(seen);
    if (/json/.test(answer.headers['content-type'] ?? '')) {
      const changed = relay.rewrite(seen, JSON.parse(content.toString('utf8')));
      content = Buffer.from(JSON.stringify(changed));
    }
    const { 'transfer-encoding': _dropped, ...others } = answer.headers;
    outgoing.writeHead(answer.statusCode ?? 502, { ...others, 'content-length': content.length });
    outgoing.end(content);
  }

  return relay;
}

function forward(url: URL, { method, headers }: RelayedRequest, body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers, agent: false }, resolve).once('error', reject).end(body);
  });
}
