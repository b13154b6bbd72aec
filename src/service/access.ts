import { SignalboxError } from '../errors.ts';
import { bearerOf, knownSecrets } from '../known-secrets.ts';

export type Role = 'viewer' | 'operator';

/** Says who asks; throws SBX_NOT_SIGNED_IN, SBX_ROLE_TOO_LOW. */
export type Who = (request: { headers: { authorization?: string | undefined } }, needed: Role) => string;

export interface ApiToken {
  name: string;
  role: Role;
  token: string;
}

/**
 * Makes the check of `Authorization: Bearer`.
 *
 * @returns who asks; throws SBX_NOT_SIGNED_IN, SBX_ROLE_TOO_LOW
 */
export function accessCheck(tokens: readonly ApiToken[]): (authorization: string | undefined, needed: Role) => string {
  const holdersOf = knownSecrets(tokens, each => each.token);
  return (authorization, needed) => {
    const given = bearerOf(authorization);
    if (given === undefined) throw new SignalboxError('SBX_NOT_SIGNED_IN', 'the request has no Bearer token');
    const [found] = holdersOf(given);
    if (!found) throw new SignalboxError('SBX_NOT_SIGNED_IN', 'the token is not known');
    if (needed === 'operator' && found.role !== 'operator') {
      throw new SignalboxError('SBX_ROLE_TOO_LOW', `the token ${found.name} may only look`);
    }
    return found.name;
  };
}
