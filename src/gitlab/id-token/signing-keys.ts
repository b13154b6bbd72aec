import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { SignalboxError } from '../../errors.ts';

/** The keys that an issuer signs with. Rejects with SBX_IDENTITY_UNAVAILABLE. */
export type SigningKeys = (issuer: string) => Promise<JWTVerifyGetKey>;

const PATIENCE = 10_000;
/** Keys are taken from memory for so long, ms. */
const FRESH = 10 * 60_000;
/** A key id that is not known makes us look again, but not more often than this: anybody can invent key ids. */
const ASK_AGAIN = 30_000;

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** Finds issuers' signing keys by OpenID Connect discovery, once each; the key sets then keep themselves fresh. */
export function signingKeys(): SigningKeys {
  const found = new Map<string, Promise<JWTVerifyGetKey>>();
  return issuer => {
    const known = found.get(issuer) ?? discover(issuer);
    found.set(issuer, known);
    known.catch(() => found.delete(issuer));
    return known;
  };
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  try {
    const address = `${issuer}/.well-known/openid-configuration`;
    const answer = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const { jwks_uri } = discovery.parse(await answer.json());
    const keys = new URL(jwks_uri);
    if (keys.origin !== new URL(issuer).origin) throw new Error('the keys are kept at another host');
    return createRemoteJWKSet(keys, { timeoutDuration: PATIENCE, cacheMaxAge: FRESH, cooldownDuration: ASK_AGAIN });
  } catch (cause) {
    throw unavailable(issuer, cause);
  }
}

export function unavailable(issuer: string, cause: unknown): SignalboxError {
  return new SignalboxError('SBX_IDENTITY_UNAVAILABLE', `the signing keys of ${issuer} cannot be read`, {
    cause,
  });
}
