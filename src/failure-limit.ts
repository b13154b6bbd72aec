import { isIPv6 } from 'node:net';
import { SignalboxError } from './errors.ts';

/** One failed try is forgotten in this time, ms: one every six seconds in the long run. */
const FORGET_ONE = 6_000;
/** Addresses kept at once; the one that failed longest ago makes room. */
const ADDRESSES = 10_000;

interface Entry {
  failures: number;
  /** When `failures` was true. */
  at: number;
}

/** Counts failed tries of tokens and sign-ins by address, so that nobody can guess for long. */
export interface FailureLimit {
  /** @throws SignalboxError SBX_TOO_MANY_FAILURES while the address has to wait */
  assertOpen(ip: string, scope?: string): void;
  /** @returns whether the address has to wait from now on */
  failed(ip: string, scope?: string): boolean;
  /** All failures so far. */
  readonly count: number;
}

export interface FailureLimitOptions {
  /** How often an address may fail at once. */
  tries: number;
  now: () => number;
}

/** Tries are counted for an address as a whole, or apart for each `scope`. */
export function createFailureLimit({ tries, now }: FailureLimitOptions): FailureLimit {
  const entries = new Map<string, Entry>();
  let count = 0;

  function remaining(key: string): number {
    const entry = entries.get(key);
    if (!entry) return 0;
    // The clock was set back: nobody waits longer for that.
    entry.at = Math.min(entry.at, now());
    return Math.max(0, entry.failures - (now() - entry.at) / FORGET_ONE);
  }

  return {
    assertOpen: (ip, scope = '') => {
      const over = remaining(`${networkOf(ip)} ${scope}`) - (tries - 1);
      if (over <= 0) return;
      const retryAt = now() + over * FORGET_ONE;
      throw new SignalboxError('SBX_TOO_MANY_FAILURES', 'too many failed tries from this address', { retryAt });
    },
    failed: (ip, scope = '') => {
      count++;
      const key = `${networkOf(ip)} ${scope}`;
      const failures = Math.min(tries, remaining(key) + 1);
      // Taken out first, so that the map stays in the order of the last failure.
      entries.delete(key);
      entries.set(key, { failures, at: now() });
      const oldest = entries.size > ADDRESSES ? entries.keys().next().value : undefined;
      if (oldest !== undefined) entries.delete(oldest);
      return failures > tries - 1;
    },
    get count() {
      return count;
    },
  };
}

/** Whoever has one IPv6 address has all of its /64. */
function networkOf(ip: string): string {
  if (!isIPv6(ip) || ip.startsWith('::ffff:')) return ip;
  const [head = '', tail = ''] = ip.split('::');
  const parts = head.split(':').filter(part => part !== '');
  const rest = tail.split(':').filter(part => part !== '');
  const missing = ip.includes('::') ? 8 - parts.length - rest.length : 0;
  return [...parts, ...Array<string>(missing).fill('0'), ...rest].slice(0, 4).join(':');
}
