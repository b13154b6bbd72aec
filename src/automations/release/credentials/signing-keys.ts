import type { JsonWebKey } from 'node:crypto';
import { z } from 'zod';
import { SignalboxError } from '../../../errors.ts';

/** The issuer's public key of that id; undefined when it has none. Rejects with SBX_RELEASE_IDENTITY_UNAVAILABLE. */
export type SigningKeys = (issuer: string, keyId: string) => Promise<JsonWebKey | undefined>;

export interface SigningKeysOptions {
  now: () => number;
  fetch?: typeof fetch;
}

/** Keys are taken from memory for so long, ms. */
const FRESH = 10 * 60_000;
/** A key id that is not known makes us look again, but not more often than this: anybody can invent key ids. */
const ASK_AGAIN = 30_000;
const PATIENCE = 10_000;

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const keySet = z.object({ keys: z.array(z.looseObject({ kid: z.string() })).max(100) });

interface Cached {
  keys: Map<string, JsonWebKey>;
  at: number;
}

/**
 * Reads issuers' signing keys by OpenID Connect discovery and keeps them. When an issuer does not answer, tokens are refused
 * unless the keys are known already; never accepted.
 */
export function signingKeys(options: SigningKeysOptions): SigningKeys {
  const get = options.fetch ?? fetch;
  const cached = new Map<string, Cached>();
  const underWay = new Map<string, Promise<Cached>>();

  async function readJson(address: string): Promise<unknown> {
    const answer = await get(address, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return await answer.json();
  }

  async function load(issuer: string): Promise<Cached> {
    try {
      const { jwks_uri } = discovery.parse(await readJson(`${issuer}/.well-known/openid-configuration`));
      if (new URL(jwks_uri).origin !== new URL(issuer).origin) throw new Error('the keys are kept at another host');
      const { keys } = keySet.parse(await readJson(jwks_uri));
      const found = { keys: new Map(keys.map(key => [key.kid, key as JsonWebKey])), at: options.now() };
      cached.set(issuer, found);
      return found;
    } catch (cause) {
      throw new SignalboxError('SBX_RELEASE_IDENTITY_UNAVAILABLE', `the signing keys of ${issuer} cannot be read`, {
        cause,
      });
    }
  }

  function loadOnce(issuer: string): Promise<Cached> {
    const running = underWay.get(issuer) ?? load(issuer).finally(() => underWay.delete(issuer));
    underWay.set(issuer, running);
    return running;
  }

  return async (issuer, keyId) => {
    const known = cached.get(issuer);
    const age = known ? options.now() - known.at : Number.POSITIVE_INFINITY;
    const key = known?.keys.get(keyId);
    if (key && age < FRESH) return key;
    if (known && !key && age < ASK_AGAIN) return undefined;
    try {
      return (await loadOnce(issuer)).keys.get(keyId);
    } catch (error) {
      if (key) return key;
      throw error;
    }
  };
}
