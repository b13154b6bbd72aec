import type { EngineLog } from '../../../engine/log.ts';
import { SignalboxError } from '../../../errors.ts';
import { createFailureLimit } from '../../../failure-limit.ts';
import type { Caller, Gate } from './gate.ts';

/** A gate that knows where a request comes from. */
export type GuardedGate = (product: string, credential: string | undefined, request: { ip: string }) => Promise<Caller>;

export interface LimitOptions {
  products: { has: (product: string) => boolean };
  now: () => number;
  log: EngineLog;
}

/** So many wrong credentials in a row are a person who looks for the right one, or a pipeline that is set up. */
const TRIES = 10;

/**
 * Lets nobody guess: after some wrong credentials for a product, those of the same address are not even looked at for a
 * while, right or wrong. Other addresses notice nothing of it.
 *
 * @returns rejects as the gate does, and with SignalboxError SBX_TOO_MANY_FAILURES
 */
export function limitTries(gate: Gate, { products, now, log }: LimitOptions): GuardedGate {
  const failures = createFailureLimit({ tries: TRIES, now });
  return async (product, credential, { ip }) => {
    // Invented products are all one, or each would bring new tries.
    const scope = products.has(product) ? product : '';
    failures.assertOpen(ip, scope);
    try {
      return await gate(product, credential);
    } catch (error) {
      const wrong = error instanceof SignalboxError && error.code === 'SBX_RELEASE_NOT_AUTHENTIC';
      // A request without any is how clients ask what is wanted, and teaches nothing.
      if (wrong && credential && failures.failed(ip, scope)) {
        log.warn('wrong credentials are no longer looked at', { address: ip, product: scope || null });
      }
      throw error;
    }
  };
}
