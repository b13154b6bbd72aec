import { request } from 'undici';
import type { RunView } from '../../automations/release/view.ts';
import { SignalboxError } from '../../errors.ts';
import { toError } from './ask.ts';
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
  if (answer.statusCode >= 400) throw toError(answer.statusCode, await answer.body.text(), service.url);
  let rest = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of answer.body) {
      rest += decoder.decode(chunk as Uint8Array, { stream: true });
      const events = rest.split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        const { name, data } = parseEvent(event);
        if (name === 'output') write(String(data));
        if (name === 'end') return data as RunView | null;
      }
    }
  } catch {
    // The service was restarted or the network went away; the result can be asked for.
  }
  return null;
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
