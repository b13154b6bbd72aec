import { createHash, timingSafeEqual } from 'node:crypto';
import { SignalboxError } from '../errors.ts';

export type Role = 'viewer' | 'operator';

export interface ApiToken {
  name: string;
  role: Role;
  token: string;
}

/**
 * Makes the check of `Authorization: Bearer`. All tokens are compared in constant time, whichever fits.
 *
 * @returns who asks; throws SBX_NOT_SIGNED_IN, SBX_ROLE_TOO_LOW
 */
export function accessCheck(tokens: readonly ApiToken[]): (authorization: string | undefined, needed: Role) => string {
  const known = tokens.map(({ name, role, token }) => ({ name, role, digest: digest(token) }));
  return (authorization, needed) => {
    const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (given === undefined) throw new SignalboxError('SBX_NOT_SIGNED_IN', 'the request has no Bearer token');
    const wanted = digest(given);
    let found: (typeof known)[number] | undefined;
    for (const each of known) if (timingSafeEqual(each.digest, wanted)) found = each;
    if (!found) throw new SignalboxError('SBX_NOT_SIGNED_IN', 'the token is not known');
    if (needed === 'operator' && found.role !== 'operator') {
      throw new SignalboxError('SBX_ROLE_TOO_LOW', `the token ${found.name} may only look`);
    }
    return found.name;
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
