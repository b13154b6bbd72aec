import type { AskingRequest } from '../access-check.ts';
import { SignalboxError } from '../errors.ts';
import type { FailureLimit } from '../failure-limit.ts';
import { bearerOf, knownSecrets } from '../known-secrets.ts';

export type Role = 'viewer' | 'operator';

export interface ApiToken {
  name: string;
  role: Role;
  token: string;
}

/** Somebody who was recognised. */
export interface Caller {
  name: string;
  role: Role;
}

/**
 * The one question of all routes: who sends this request, and may he? By `Authorization: Bearer`, or by the session of a
 * browser; then every change has to carry the session's CSRF token.
 *
 * `others` is asked about a token that is none of ours, before it counts as a failed try.
 *
 * Throws SBX_NOT_SIGNED_IN, SBX_ROLE_TOO_LOW, SBX_CSRF_TOKEN_WRONG, SBX_TOO_MANY_FAILURES
 */
export type Who = (request: AskingRequest, needed: Role, others?: () => Promise<string | null>) => Promise<Caller>;

export interface WhoOptions {
  tokens: readonly ApiToken[];
  /** The session of a browser; null where the request has none. Checks the CSRF token of a change. */
  session: (request: AskingRequest) => Promise<Caller | null>;
  failures: FailureLimit;
}

/** A token of this length cannot be guessed, so its holder is not held up by what others try from the same address. */
export const UNGUESSABLE = 32;

export function createWho({ tokens, session, failures }: WhoOptions): Who {
  const holdersOf = knownSecrets(tokens, each => each.token);

  function holderOf(given: string, ip: string): ApiToken | undefined {
    const [found] = holdersOf(given);
    if (found === undefined || found.token.length < UNGUESSABLE) failures.assertOpen(ip);
    return found;
  }

  async function callerOf(request: AskingRequest, others: () => Promise<string | null>): Promise<Caller> {
    const given = bearerOf(request.headers.authorization);
    const found = given === undefined ? await session(request) : holderOf(given, request.ip);
    if (found) return found;
    const name = await others();
    if (name !== null) return { name, role: 'viewer' };
    if (given === undefined) throw new SignalboxError('SBX_NOT_SIGNED_IN', 'the request has neither token nor session');
    failures.failed(request.ip);
    throw new SignalboxError('SBX_NOT_SIGNED_IN', 'the token is not known');
  }

  return async (request, needed, others = async () => null) => {
    const { name, role } = await callerOf(request, others);
    if (needed === 'operator' && role !== 'operator')
      throw new SignalboxError('SBX_ROLE_TOO_LOW', `${name} may only look`);
    return { name, role };
  };
}
