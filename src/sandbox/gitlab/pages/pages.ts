import type { IncomingMessage, ServerResponse } from 'node:http';
import type { World } from '../state/world.ts';

export async function answerPage(
  _world: World,
  request: IncomingMessage,
  response: ServerResponse,
  _url: URL,
): Promise<void> {
  request.resume();
  response.writeHead(404, { 'content-type': 'text/html; charset=utf-8' });
  response.end('<h1>404</h1>');
}
