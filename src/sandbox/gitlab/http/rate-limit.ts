import type { World } from '../state/world.ts';

export interface Throttle {
  headers: Record<string, string>;
  exceeded: boolean;
}

interface Window {
  limit: number;
  windowSeconds: number;
  observed: number;
  resetAt: number;
}

/** Counts a request of this caller and says what the RateLimit headers of its answer are. */
export function throttle(world: World, caller: string): Throttle {
  const { limit, windowSeconds } = world.settings.throttle;
  const key = `throttle:${caller}`;
  let counter = world.counters.get(key);
  if (counter === undefined || counter.resetAt <= Date.now()) {
    counter = { count: 0, resetAt: Date.now() + windowSeconds * 1000 };
    world.counters.set(key, counter);
  }
  counter.count += 1;
  return describe({ limit, windowSeconds, observed: counter.count, resetAt: counter.resetAt });
}

/** The headers of Rack::Attack as GitLab sends them; the last two only with a 429. */
export function describe(window: Window): Throttle {
  const exceeded = window.observed > window.limit;
  const reset = Math.ceil(window.resetAt / 1000);
  return {
    exceeded,
    headers: {
      'ratelimit-limit': String(window.limit),
      'ratelimit-name': 'throttle_authenticated_api',
      'ratelimit-observed': String(window.observed),
      'ratelimit-remaining': String(Math.max(0, window.limit - window.observed)),
      'ratelimit-reset': String(reset),
      ...(exceeded
        ? {
            'ratelimit-resettime': new Date(reset * 1000).toUTCString(),
            'retry-after': String(Math.max(1, Math.ceil((window.resetAt - Date.now()) / 1000))),
          }
        : {}),
    },
  };
}
