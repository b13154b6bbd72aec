import { request } from 'undici';
import type { HttpAnswer, HttpExchange } from './send.ts';

/** Sends by undici's `request`, which follows no redirect and keeps the connection for the next exchange. */
export async function sendByUndici(exchange: HttpExchange): Promise<HttpAnswer> {
  const { statusCode, headers, body } = await request(exchange.url, {
    method: exchange.method,
    headers: exchange.headers,
    body: exchange.body,
    signal: exchange.signal,
    // The deadline of the signal is the one that counts: a server may think long before the first byte.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return { status: statusCode, headers, body };
}
