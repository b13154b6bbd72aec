import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface Response {
  /** `200`, or `internal error` when there was no answer. */
  status: string;
  headers: Record<string, string>;
  body: string;
  /** Seconds. */
  duration: number;
  error: string | null;
}

const BODY_LIMIT = 8 * 1024;

/** Posts one delivery; never throws. Redirects are not followed, and count as an answer. */
export function send(
  url: string,
  headers: Record<string, string>,
  body: Buffer,
  options: { timeoutMs: number; verifyTls: boolean; signal: AbortSignal },
): Promise<Response> {
  const started = performance.now();
  const duration = () => Math.round(performance.now() - started) / 1000;
  return new Promise(resolve => {
    const fail = (error: string) =>
      resolve({ status: 'internal error', headers: {}, body: '', duration: duration(), error });
    let target: URL;
    try {
      target = new URL(url);
    } catch {
      fail('URL is not valid');
      return;
    }
    const open = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = open(target, {
      method: 'POST',
      headers: { ...headers, 'Content-Length': String(body.length) },
      rejectUnauthorized: options.verifyTls,
      signal: AbortSignal.any([AbortSignal.timeout(options.timeoutMs), options.signal]),
    });
    outgoing.on('error', error =>
      fail(error.name === 'TimeoutError' || error.name === 'AbortError' ? 'Net::ReadTimeout' : error.message),
    );
    outgoing.on('response', incoming => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        if (text.length < BODY_LIMIT) text += chunk;
      });
      incoming.on('error', error => fail(error.message));
      incoming.on('end', () => {
        const kept = Object.entries(incoming.headers)
          .slice(0, 50)
          .map(([name, value]) => [name, String(value).slice(0, 1024)]);
        resolve({
          status: String(incoming.statusCode ?? 0),
          headers: Object.fromEntries(kept) as Record<string, string>,
          body: text.slice(0, BODY_LIMIT),
          duration: duration(),
          error: null,
        });
      });
    });
    outgoing.end(body);
  });
}
