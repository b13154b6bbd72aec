import { isIPv6 } from 'node:net';
import { SignalboxError } from '../../errors.ts';

/** How often an address may fail, and how soon that is forgotten: one try every six seconds in the long run. */
const TRIES = 20;
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
  assertOpen(ip: string): void;
  failed(ip: string): void;
  /** All failures so far. */
  readonly count: number;
}

export function createFailureLimit(now: () => number): FailureLimit {
  const entries = new Map<string, Entry>();
  let count = 0;

  function remaining(key: string): number {
    const entry = entries.get(key);
    if (!entry) return 0;
    return Math.max(0, entry.failures - (now() - entry.at) / FORGET_ONE);
  }

  return {
    assertOpen: ip => {
      const over = remaining(addressOf(ip)) - (TRIES - 1);
      if (over <= 0) return;
      const retryAt = now() + over * FORGET_ONE;
      throw new SignalboxError('SBX_TOO_MANY_FAILURES', 'too many failed tries from this address', { retryAt });
    },
    failed: ip => {
      count++;
      const key = addressOf(ip);
      const failures = Math.min(TRIES, remaining(key) + 1);
      // Taken out first, so that the map stays in the order of the last failure.
      entries.delete(key);
      entries.set(key, { failures, at: now() });
      const oldest = entries.size > ADDRESSES ? entries.keys().next().value : undefined;
      if (oldest !== undefined) entries.delete(oldest);
    },
    get count() {
      return count;
    },
  };
}

/** Whoever has one IPv6 address has all of its /64. */
function addressOf(ip: string): string {
  if (!isIPv6(ip) || ip.startsWith('::ffff:')) return ip;
  const [head = '', tail = ''] = ip.split('::');
  const parts = head.split(':').filter(part => part !== '');
  const rest = tail.split(':').filter(part => part !== '');
  const missing = ip.includes('::') ? 8 - parts.length - rest.length : 0;
  return [...parts, ...Array<string>(missing).fill('0'), ...rest].slice(0, 4).join(':');
}
