import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';

export interface Answer {
  status: number;
  /** Of the header Retry-After, in milliseconds from now; null when there is none. */
  retryAfter: number | null;
  text: string;
}

/** An answer longer than this is none of ours. */
const LONGEST_ANSWER = 1024 * 1024;
const PATIENCE_MS = 60_000;

/**
 * Posts JSON and returns whatever answer comes. Node's own client and not undici, which the rest of signalbox uses: on a
 * box the scan shares the machine with what is tested, and undici takes a third of the memory that a scan may.
 *
 * @throws Error of the network, with its `code`, when no answer came
 */
export function postJson(url: URL, headers: Record<string, string>, body: unknown): Promise<Answer> {
  const bytes = Buffer.from(JSON.stringify(body));
  const send = url.protocol === 'https:' ? overHttps : overHttp;
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        method: 'POST',
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          'content-length': bytes.length,
          'user-agent': 'signalbox',
          ...headers,
        },
        signal: AbortSignal.timeout(PATIENCE_MS),
      },
      response => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length <= LONGEST_ANSWER) chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: retryAfterOf(response.headers['retry-after']),
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(bytes);
  });
}

function retryAfterOf(header: string | undefined): number | null {
  if (header === undefined) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds * 1000);
}
