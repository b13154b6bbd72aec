import type { IncomingMessage } from 'node:http';
import type { EngineLog } from '../../../engine/log.ts';
import { SignalboxError } from '../../../errors.ts';
import type { Caller, Gate } from './gate.ts';
import type { SenderAddress } from './sender-address.ts';
import { WrongTries } from './wrong-tries.ts';

/** A gate that knows where a request comes from. */
export type GuardedGate = (
  product: string,
  credential: string | undefined,
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
) => Promise<Caller>;

export interface LimitOptions {
  address: SenderAddress;
  products: { has: (product: string) => boolean };
  now: () => number;
  log: EngineLog;
}

/**
 * Lets nobody guess: after some wrong credentials for a product, those of the same address are not even looked at for a
 * while, right or wrong. Other addresses notice nothing of it.
 *
 * @returns rejects as the gate does, and with SignalboxError SBX_RELEASE_TOO_MANY_TRIES
 */
export function limitTries(gate: Gate, { address, products, now, log }: LimitOptions): GuardedGate {
  const tries = new WrongTries();
  return async (product, credential, request) => {
    const from = address(request);
    // Invented products are all one, or each would bring new tries.
    const who = `${from} ${products.has(product) ? product : ''}`;
    const wait = tries.wait(who, now());
    if (wait > 0) {
      throw new SignalboxError('SBX_RELEASE_TOO_MANY_TRIES', 'too many wrong ones from this address', {
        retryAt: now() + wait,
        extensions: { retry_after: Math.ceil(wait / 1000) },
      });
    }
    try {
      return await gate(product, credential);
    } catch (error) {
      const wrong = error instanceof SignalboxError && error.code === 'SBX_RELEASE_NOT_AUTHENTIC';
      // A request without any is how clients ask what is wanted, and teaches nothing.
      if (wrong && credential) {
        tries.count(who, now());
        if (tries.wait(who, now()) > 0)
          log.warn('wrong credentials are no longer looked at', {
            address: from,
            product: products.has(product) ? product : null,
          });
      }
      throw error;
    }
  };
}
