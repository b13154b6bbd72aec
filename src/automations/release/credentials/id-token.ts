import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import { z } from 'zod';
import { SignalboxError } from '../../../errors.ts';
import { type SigningKeys, unavailable } from './signing-keys.ts';

/** Which pipelines may release a product. */
export interface OidcRule {
  product: string;
  name: string;
  issuer: string;
  audience: string;
  project: string;
  refProtected: boolean;
}

export interface Identity {
  /** The token's `jti`. */
  id: string;
  expiresAt: number;
  /** The rules that it satisfies; none when the token is genuine, and of somebody else. */
  rules: OidcRule[];
}

/** Rejects with SignalboxError SBX_RELEASE_NOT_AUTHENTIC, SBX_RELEASE_IDENTITY_UNAVAILABLE. */
export type IdentityCheck = (token: string, rules: readonly OidcRule[]) => Promise<Identity>;

/** Only what GitLab signs with; `none` and shared-key algorithms are what attacks are made of. */
const ALGORITHMS = ['RS256', 'ES256'];
/** Clocks differ, seconds. */
const SKEW = 60;

/** https://docs.gitlab.com/ci/secrets/id_token_authentication: `ref_protected` is a text. */
const claimsSchema = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  jti: z.string().min(1).max(200),
  project_path: z.string(),
  ref_protected: z.string(),
  ref_type: z.enum(['branch', 'tag']),
});

/** Checks GitLab's CI id_tokens: signature, issuer and audience pinned, time, project, protected ref. */
export function idTokenCheck(keys: SigningKeys, now: () => number): IdentityCheck {
  return async (token, rules) => {
    const issuer = issuerOf(token);
    const ofIssuer = rules.filter(rule => rule.issuer === issuer);
    // Keys are only ever asked of issuers in the configuration, never of one that a token names.
    if (ofIssuer.length === 0) throw refused('the id_token is of another issuer');
    const verified = await verify(token, await keys(issuer), {
      issuer,
      audience: ofIssuer.map(rule => rule.audience),
      algorithms: ALGORITHMS,
      clockTolerance: SKEW,
      currentDate: new Date(now()),
      requiredClaims: ['exp', 'jti'],
    });
    const claims = claimsSchema.safeParse(verified);
    if (!claims.success) throw refused('the id_token lacks what those of GitLab jobs have');
    const { aud, exp, jti, project_path, ref_protected } = claims.data;
    const audiences = [aud].flat();
    return {
      id: jti,
      expiresAt: exp * 1000,
      rules: ofIssuer.filter(
        rule =>
          audiences.includes(rule.audience) &&
          rule.project.toLowerCase() === project_path.toLowerCase() &&
          (!rule.refProtected || ref_protected === 'true'),
      ),
    };
  };
}

/** What the token says of itself, which nobody has checked yet. */
function issuerOf(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch {
    throw refused('the credential is neither a known secret nor a GitLab id_token');
  }
}

async function verify(token: string, keys: JWTVerifyGetKey, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw refused('the id_token has expired');
    if (error instanceof errors.JWTClaimValidationFailed) {
      throw refused(`the claim ${error.claim} of the id_token is not as it must be; check the clocks if it is nbf`);
    }
    const isTheirs = error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid;
    const ofTheNetwork = !(error instanceof errors.JOSEError) || error.code === 'ERR_JOSE_GENERIC';
    if (isTheirs || ofTheNetwork) throw unavailable(String(options.issuer), error);
    throw refused('the id_token is not one that its issuer has signed');
  }
}

function refused(detail: string): SignalboxError {
  return new SignalboxError('SBX_RELEASE_NOT_AUTHENTIC', detail);
}
