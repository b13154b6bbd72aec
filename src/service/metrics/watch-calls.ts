import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type WatchedEffect, watched } from '../../engine/watch.ts';

type Stop = () => void;

/** Tells of every effect that has ended. */
export function watchEffects(tell: (automation: string, outcome: string) => void): Stop {
  const subscribers = {
    asyncEnd: (effect: WatchedEffect) => tell(effect.automation, effect.outcome ?? 'failed'),
  };
  watched.effect.subscribe(subscribers as Parameters<typeof watched.effect.subscribe>[0]);
  return () => watched.effect.unsubscribe(subscribers as Parameters<typeof watched.effect.subscribe>[0]);
}

export interface RequestSeen {
  host: string;
  method: string;
  /** The status of the answer, or `error`. */
  status: string;
  /** Until the head of the answer; null where none came. */
  seconds: number | null;
}

/** As undici publishes it. */
interface Sent {
  request: { origin: string | URL; method: string };
  response?: { statusCode: number };
}

/** Tells of every HTTP request that this process has sent, when it is answered or has failed. */
export function watchRequests(tell: (seen: RequestSeen) => void): Stop {
  const began = new WeakMap<object, number>();
  const end = ({ request, response }: Sent) => {
    const start = began.get(request);
    if (start === undefined) return;
    began.delete(request);
    const { host } = new URL(request.origin);
    const seconds = response ? (performance.now() - start) / 1000 : null;
    tell({ host, method: request.method, status: response ? String(response.statusCode) : 'error', seconds });
  };
  const listeners: [string, (message: unknown) => void][] = [
    ['undici:request:create', message => began.set((message as Sent).request, performance.now())],
    ['undici:request:headers', message => end(message as Sent)],
    ['undici:request:error', message => end(message as Sent)],
  ];
  for (const [name, listener] of listeners) subscribe(name, listener);
  return () => {
    for (const [name, listener] of listeners) unsubscribe(name, listener);
  };
}
