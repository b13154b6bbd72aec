import type { IncomingMessage } from 'node:http';
import type { HttpAnswer, HttpExchange } from './send.ts';

// Not by `import`: a module namespace reads every export of node:http, among them WebSocket, whose getter loads the undici
// inside of Node: 10 ms and 8 MB for nothing.
const http = process.getBuiltinModule('node:http');
const HTTP_AGENT = new http.Agent({ keepAlive: true });

/**
 * Sends by Node's own client. A command that makes three requests and ends is faster and smaller with it: undici's code
 * alone costs 60 ms and 34 MB (measured, see the README); a service that runs for weeks does not notice.
 */
export function sendByNodeHttp(exchange: HttpExchange): Promise<HttpAnswer> {
  const secure = exchange.url.startsWith('https:');
  const headers = exchange.body ? { ...exchange.headers, 'content-length': exchange.body.length } : exchange.headers;
  const { method, signal } = exchange;
  return new Promise((resolve, reject) => {
    const options = { method, headers, signal };
    const answer = (response: IncomingMessage): void =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response });
    const request = secure
      ? process.getBuiltinModule('node:https').request(exchange.url, options, answer)
      : http.request(exchange.url, { ...options, agent: HTTP_AGENT }, answer);
    request.on('error', reject);
    request.end(exchange.body ?? undefined);
  });
}
