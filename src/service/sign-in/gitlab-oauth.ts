import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  tokenRevocation,
} from 'openid-client';
import { z } from 'zod';
import { SignalboxError } from '../../errors.ts';
import type { Membership } from './role-of.ts';

export interface GitLabOAuthOptions {
  /** GitLab's address, which is also its issuer. */
  url: string;
  applicationId: string;
  secret: string;
}

/** What has to come back unchanged with the browser. */
export const pendingSchema = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), to: z.string() });
export type Pending = z.output<typeof pendingSchema>;

/** Who has signed in at GitLab. */
export interface Person extends Membership {
  username: string;
  name: string;
}

/** Sign-in at GitLab: OpenID Connect's code flow with PKCE, state and nonce, by a library that is certified for it. */
export interface GitLabOAuth {
  /** Where to send the browser, and what to remember meanwhile. */
  begin(to: string, redirectUri: string): Promise<{ address: string; pending: Pending }>;
  /**
   * @param callback the address that GitLab sent the browser to
   * @throws SignalboxError SBX_SIGN_IN_FAILED, SBX_SIGN_IN_UNAVAILABLE
   */
  finish(callback: URL, pending: Pending): Promise<Person>;
}

const GROUPS = 'https://gitlab.org/claims/groups/';
const TIMEOUT_SECONDS = 10;
const paths = z.array(z.string()).optional().default([]);

/** What GitLab tells of a user; it leaves the roles' claims out where they would be empty. */
const userInfoSchema = z.object({
  sub: z.string(),
  nickname: z.string().min(1),
  name: z.string().optional(),
  groups: paths,
  [`${GROUPS}owner`]: paths,
  [`${GROUPS}maintainer`]: paths,
  [`${GROUPS}developer`]: paths,
});

export function gitlabOAuth({ url, applicationId, secret }: GitLabOAuthOptions): GitLabOAuth {
  let found: Promise<Configuration> | undefined;

  /** GitLab's own description of its endpoints, asked for when somebody signs in and kept when it was good. */
  function configuration(): Promise<Configuration> {
    const execute = [enableNonRepudiationChecks];
    if (url.startsWith('http://')) execute.push(allowInsecureRequests);
    found ??= discovery(new URL(url), applicationId, secret, undefined, { execute, timeout: TIMEOUT_SECONDS });
    found.catch(() => {
      found = undefined;
    });
    return found;
  }

  return {
    begin: async (to, redirectUri) => {
      const config = await configuration().catch(unavailable);
      const pending = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier(), to };
      const address = buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid',
        code_challenge: await calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: 'S256',
        state: pending.state,
        nonce: pending.nonce,
      });
      return { address: address.href, pending };
    },
    finish: async (callback, { state, nonce, verifier }) => {
      assertAnswers(callback, state);
      const config = await configuration().catch(unavailable);
      try {
        const checks = {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        };
        const tokens = await authorizationCodeGrant(config, callback, checks);
        const subject = tokens.claims()?.sub ?? '';
        const person = userInfoSchema.parse(await fetchUserInfo(config, tokens.access_token, subject));
        // All that was wanted is known; a token that nobody has cannot be lost.
        await tokenRevocation(config, tokens.access_token).catch(() => undefined);
        return {
          username: person.nickname,
          name: person.name ?? person.nickname,
          groups: person.groups,
          owner: person[`${GROUPS}owner`],
          maintainer: person[`${GROUPS}maintainer`],
          developer: person[`${GROUPS}developer`],
        } satisfies Person;
      } catch (error) {
        throw failure(error);
      }
    },
  };
}

/** What came back with the browser can be written by anybody. The library checks the state again. */
function assertAnswers({ searchParams }: URL, state: string): void {
  const [given, ...others] = searchParams.getAll('state');
  const answers = [...searchParams.getAll('code'), ...searchParams.getAll('error')];
  if (given !== state || others.length > 0 || answers.length !== 1 || answers[0] === '')
    throw new SignalboxError('SBX_SIGN_IN_FAILED', 'what came back from GitLab does not answer this try');
}

function unavailable(cause: unknown): never {
  throw new SignalboxError('SBX_SIGN_IN_UNAVAILABLE', reason(cause), { cause });
}

/** What the person did can be tried again; for all else it takes whoever runs GitLab or the service. */
function failure(cause: unknown): SignalboxError {
  const error = errorOf(cause);
  if (error === 'access_denied') return new SignalboxError('SBX_SIGN_IN_FAILED', 'it was refused at GitLab', { cause });
  // A code that is too old or was used already, or an identity that was meant for another try.
  const isPersons = error === 'invalid_grant' || claimOf(cause) === 'nonce';
  return new SignalboxError(isPersons ? 'SBX_SIGN_IN_FAILED' : 'SBX_SIGN_IN_UNAVAILABLE', reason(cause), { cause });
}

/** The library's own words, which hold neither code nor token, and what GitLab calls it. */
function reason(cause: unknown): string {
  if (cause instanceof z.ZodError) return 'GitLab does not tell who it is';
  const { message, code, cause: below } = cause as Failure;
  return [message, code ?? below?.code, errorOf(cause), below instanceof Response ? below.status : undefined]
    .filter(part => part !== undefined && part !== '')
    .join(' ');
}

/** As much as the library's errors have in common. */
interface Failure {
  message?: string;
  code?: string;
  error?: unknown;
  cause?: { code?: string; cause?: { claim?: unknown } };
}

/** OAuth's word for what is wrong: in the address, in the answer's body, or in its header `WWW-Authenticate`. */
function errorOf(cause: unknown): string | undefined {
  const { error, cause: below } = cause as Failure;
  const challenges = Array.isArray(below) ? (below as { parameters?: { error?: unknown } }[]) : [];
  const found = error ?? challenges.find(({ parameters }) => parameters?.error !== undefined)?.parameters?.error;
  return typeof found === 'string' && /^[a-z_]{1,40}$/.test(found) ? found : undefined;
}

/** The claim of GitLab's identity that is not as it was asked for. */
function claimOf(cause: unknown): unknown {
  return (cause as Failure).cause?.cause?.claim;
}
