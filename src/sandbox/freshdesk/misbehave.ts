import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { faultText } from '../control/fault-text.ts';
import type { RequestFaults } from '../control/faults.ts';
import type { LoggedRequest } from '../control/request-log.ts';

/** What goes wrong before a request is even looked at; true = it was answered or cut. */
export async function misbehave(
  faults: RequestFaults,
  request: IncomingMessage,
  response: ServerResponse,
  entry: LoggedRequest,
): Promise<boolean> {
  if (faults.delayMs > 0) await wait(faults.delayMs);
  if (faults.reset === 'before') {
    cut(request, response, entry, 'reset before');
    return true;
  }
  if (faults.status === undefined) return false;
  const { status, headers, body } = faults.status;
  entry.fault = `status ${status}`;
  request.resume();
  const type = typeof body === 'object' ? 'application/json' : 'text/html';
  response.writeHead(status, { 'Content-Type': type, ...headers });
  response.end(faultText(body, request.headers));
  return true;
}

export function cut(request: IncomingMessage, response: ServerResponse, entry: LoggedRequest, fault: string): void {
  entry.status = 0;
  entry.fault = fault;
  response.destroy();
  request.destroy();
}
