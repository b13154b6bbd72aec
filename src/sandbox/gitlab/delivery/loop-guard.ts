import { randomUUID } from 'node:crypto';
import type { HookRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';

const CHAIN_MS = 30 * 60_000;
const CHAIN_LIMIT = 100;

/**
 * GitLab's recursion guard: a change made by a request that carries X-Gitlab-Event-UUID belongs to that chain, and within
 * a chain the same hook fires once (and at most 100 hooks in all). Returns the chain id to send, or null when blocked.
 * A request without the header cannot be part of a loop: a fresh id, nothing blocked.
 */
export function enterChain(world: World, hook: HookRecord, requestUuid: string | null): string | null {
  const uuid = requestUuid ?? randomUUID();
  const chain = world.chains.get(uuid);
  const live = chain !== undefined && chain.until > Date.now() ? chain : { hooks: new Set<number>(), until: 0 };
  if (requestUuid !== null && (live.hooks.has(hook.id) || live.hooks.size >= CHAIN_LIMIT)) return null;
  live.hooks.add(hook.id);
  live.until = Date.now() + CHAIN_MS;
  world.chains.set(uuid, live);
  if (world.chains.size > 10_000) forgetOld(world);
  return uuid;
}

function forgetOld(world: World): void {
  for (const [uuid, chain] of world.chains) {
    if (world.chains.size <= 5000 && chain.until > Date.now()) return;
    world.chains.delete(uuid);
  }
}
