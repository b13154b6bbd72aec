import type { RequestFaults } from '../../control/faults.ts';
import type { World } from '../state/world.ts';
import type { Family } from './call.ts';

export interface Metered {
  exceeded: boolean;
  headers: Record<string, string>;
}

/**
 * Counts a call against the account: one budget a minute for every key and address, smaller ones for creating, updating and
 * listing tickets, and refused calls count too. Names of the headers in the case that the documentation prints.
 */
export function meter(
  world: World,
  family: Family | undefined,
  credits: number,
  fault: RequestFaults['rateLimit'],
): Metered {
  const now = world.now();
  if (fault !== undefined) return describe(fault.limit, fault.observed, fault.observed > fault.limit, fault.resetAt);
  if (world.window.resetAt <= now) world.window = { resetAt: now + 60_000, used: 0, create: 0, update: 0, list: 0 };
  const { window, settings } = world;
  window.used += credits;
  if (family !== undefined) window[family] += credits;
  const over = window.used > settings.limits.total;
  const overFamily = family !== undefined && window[family] > settings.limits[family];
  return describe(settings.limits.total, window.used, over || overFamily, window.resetAt);

  function describe(total: number, used: number, exceeded: boolean, resetAt: number): Metered {
    return {
      exceeded,
      headers: {
        'X-Ratelimit-Total': String(total),
        'X-Ratelimit-Remaining': String(Math.max(0, total - used)),
        'X-Ratelimit-Used-CurrentRequest': String(credits),
        ...(exceeded ? { 'Retry-After': String(Math.max(1, Math.ceil((resetAt - now) / 1000))) } : {}),
      },
    };
  }
}
