import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServeOptions } from '../../src/git-protocol/testing/serve-repository.ts';

export interface Weather {
  intercept: NonNullable<ServeOptions['intercept']>;
  /** How often each disturbance came. */
  counts: Record<string, number>;
}

const STATUS: Record<string, number> = { 'refused 400': 400, 'refused 409': 409, 'refused 502': 502 };

/**
 * A bad connection: every answer is late, and some are dropped or replaced, before git has worked or after. The same seed
 * gives the same sequence of dice, but which request meets which is up to the race.
 */
export function badWeather(seed: number, share: number, longestDelay: number): Weather {
  const random = dice(seed);
  const counts: Record<string, number> = {};
  const kinds = ['dropped before', 'dropped after', 'refused 400', 'refused 409', 'refused 502', '502 after'];
  return {
    counts,
    intercept(request, response, forward) {
      const kind = random() < share ? kinds[Math.floor(random() * kinds.length)]! : 'none';
      counts[kind] = (counts[kind] ?? 0) + 1;
      setTimeout(() => void answer(kind, request, response, forward), random() * longestDelay);
      return true;
    },
  };
}

async function answer(
  kind: string,
  request: IncomingMessage,
  response: ServerResponse,
  forward: () => Promise<void>,
): Promise<void> {
  if (kind === 'none') return forward();
  if (kind === 'dropped before') return void request.socket.destroy();
  const status = STATUS[kind];
  if (status !== undefined) {
    request.resume();
    return void response.writeHead(status, { 'content-type': 'text/plain' }).end('bad weather');
  }
  const send = mute(response);
  await forward();
  if (kind === 'dropped after') request.socket.destroy();
  else send(502, 'bad weather');
}

/** Lets git do its work and keeps what it says; returns what answers in its place. */
function mute(response: ServerResponse): (status: number, text: string) => void {
  const silent = { write: () => true, end: () => response, writeHead: () => response, setHeader: () => response };
  const own = Object.keys(silent) as (keyof typeof silent)[];
  Object.assign(response, silent);
  return (status, text) => {
    for (const name of own) Reflect.deleteProperty(response, name);
    response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
  };
}

/** mulberry32 */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
