import { SignalboxError } from '../../../errors.ts';
import { bearerOf, knownSecrets } from '../../../known-secrets.ts';
import type { IdentityCheck, OidcRule } from './id-token.ts';

/** A shared secret of a product, read from where the configuration says. */
export interface SharedSecret {
  product: string;
  name: string;
  secret: string;
}

/** Somebody who may release a product. */
export interface Caller {
  /** The name of the credential. */
  name: string;
  /** Of a GitLab id_token: which one it is and when it ends, ms since the epoch. A shared secret has neither. */
  token: { id: string; expiresAt: number } | null;
}

export interface GateOptions {
  secrets: readonly SharedSecret[];
  identities: readonly OidcRule[];
  /** Checks an id_token's signature and claims. */
  verify: IdentityCheck;
}

/**
 * Says who a request for a product comes from.
 *
 * @returns rejects with SignalboxError SBX_RELEASE_NOT_AUTHENTIC, the same for an unknown product and a wrong credential;
 * SBX_RELEASE_NOT_ALLOWED for a credential of another product, whether or not this one exists
 */
export type Gate = (product: string, credential: string | undefined) => Promise<Caller>;

export function createGate(options: GateOptions): Gate {
  const holdersOf = knownSecrets(options.secrets, each => each.secret);
  return async (product, credential) => {
    if (credential === undefined || credential === '') throw notAuthentic('the request carries no credential');
    const fitting = holdersOf(credential);
    const mine = fitting.find(each => each.product === product);
    if (mine) return { name: mine.name, token: null };
    if (fitting.length > 0) throw notAllowed();
    if (options.identities.length === 0) throw notAuthentic('the credential is not known');
    const identity = await options.verify(credential, options.identities);
    const rule = identity.rules.find(each => each.product === product);
    if (!rule) throw notAllowed();
    return { name: rule.name, token: { id: identity.id, expiresAt: identity.expiresAt } };
  };
}

/** The credential in the headers, of whichever kind: Bearer, Basic (as GoReleaser sends it), or `X-Release-Secret`. */
export function credentialOf(headers: Record<string, string | string[] | undefined>): string | undefined {
  const secret = headers['x-release-secret'];
  const authorization = String(headers['authorization'] ?? '');
  const bearer = bearerOf(authorization);
  if (bearer !== undefined) return bearer;
  const basic = /^Basic +(\S+) *$/i.exec(authorization)?.[1];
  if (basic !== undefined) return /^[^:]*:(.*)$/s.exec(Buffer.from(basic, 'base64').toString())?.[1];
  return typeof secret === 'string' ? secret : undefined;
}

const SECRET_NAME = /secret|token|passw|credential|authorization|api_?key/i;

/**
 * Refuses addresses that carry a secret, because addresses are logged by everything on the way.
 *
 * @throws SignalboxError SBX_RELEASE_SECRET_IN_ADDRESS
 */
export function refuseSecretInAddress(query: object): void {
  const name = Object.keys(query).find(each => SECRET_NAME.test(each));
  if (name === undefined) return;
  throw new SignalboxError('SBX_RELEASE_SECRET_IN_ADDRESS', `the parameter ${JSON.stringify(name.slice(0, 40))}`);
}

function notAuthentic(detail: string): SignalboxError {
  return new SignalboxError('SBX_RELEASE_NOT_AUTHENTIC', detail);
}

function notAllowed(): SignalboxError {
  return new SignalboxError('SBX_RELEASE_NOT_ALLOWED', 'the credential is known, and for something else');
}
