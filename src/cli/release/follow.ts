import { request } from 'undici';
import type { RunView } from '../../automations/release/view.ts';
import { SignalboxError } from '../../errors.ts';
import { problemToError } from '../problem-to-error.ts';
import type { ServiceAddress } from './find-service.ts';

/**
 * Writes a run's log as it comes, until the run has ended.
 *
 * @returns the run, or null when the connection ended before it did
 */
export async function followRun(
  service: ServiceAddress,
  release: { product: string; version: string },
  attempt: number,
  write: (text: string) => void,
): Promise<RunView | null> {
  const path = `/v1/releases/${release.product}/${release.version}/log?attempt=${attempt}`;
  const answer = await request(`${service.url}${path}`, {
    headers: { authorization: `Bearer ${service.token}`, accept: 'text/event-stream' },
    bodyTimeout: 0,
  }).catch((cause: unknown) => {
    throw new SignalboxError('SBX_REMOTE_UNREACHABLE', `${service.url}: ${(cause as Error).message}`, { cause });
  });
  if (answer.statusCode >= 400) throw problemToError(answer.statusCode, await answer.body.text(), service.url);
  for await (const text of pieces(answer.body)) {
    const { name, data } = parseEvent(text);
    if (name === 'output') write(String(data));
    if (name === 'end') return data as RunView | null;
  }
  return null;
}

/** The events of a stream, one at a time; it ends quietly when the service is restarted or the network goes away. */
async function* pieces(body: AsyncIterable<unknown>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const chunks = body[Symbol.asyncIterator]();
  let rest = '';
  for (;;) {
    // Only the reading may fail without a word: whether the run has ended can be asked for.
    const chunk = await chunks.next().catch(() => null);
    if (chunk === null || chunk.done) return;
    rest += decoder.decode(chunk.value as Uint8Array, { stream: true });
    const events = rest.split('\n\n');
    rest = events.pop() ?? '';
    yield* events;
  }
}

function parseEvent(text: string): { name: string; data: unknown } {
  const field = (name: string) =>
    text
      .split('\n')
      .filter(line => line.startsWith(`${name}: `))
      .map(line => line.slice(name.length + 2))
      .join('\n');
  return { name: field('event'), data: JSON.parse(field('data') || 'null') };
}
