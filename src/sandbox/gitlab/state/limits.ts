import type { World } from './world.ts';

/** Counts one use of something that may be used so often in a window; 0 = as often as you like. */
export function withinLimit(world: World, key: string, limit: number, windowSeconds: number): boolean {
  if (limit <= 0) return true;
  const counter = world.counters.get(key);
  if (counter === undefined || counter.resetAt <= Date.now()) {
    world.counters.set(key, { count: 1, resetAt: Date.now() + windowSeconds * 1000 });
    return true;
  }
  counter.count += 1;
  return counter.count <= limit;
}
