import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import { z } from 'zod';
import { type ErrorCode, SignalboxError } from '../../errors.ts';
import { type SigningKeys, unavailable } from './signing-keys.ts';

/** Whose id_tokens are taken: those of this issuer that were made for this audience. */
export interface IdTokenRule {
  issuer: string;
  audience: string;
}

/** What a genuine id_token says. What its job may do is for the automation to judge. */
export interface Identity<Rule extends IdTokenRule> {
  /** The token's `jti`. */
  id: string;
  expiresAt: number;
  project: string;
  ref: string | null;
  refType: 'branch' | 'tag';
  refProtected: boolean;
  /** `push`, `merge_request_event` and the like. */
  pipelineSource: string | null;
  /** The commit of the pipeline; GitLab 16.0 and newer say it. */
  commit: string | null;
  /** The rules whose issuer and audience it has; at least one. */
  rules: Rule[];
}

/** Rejects with SBX_IDENTITY_UNAVAILABLE, or the code that it was made with. */
export type IdTokenCheck = <Rule extends IdTokenRule>(token: string, rules: readonly Rule[]) => Promise<Identity<Rule>>;

export interface IdTokenOptions {
  keys: SigningKeys;
  now: () => number;
  /** The error of a token that is not genuine. */
  refusal: ErrorCode;
}

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
  pipeline_source: z.string().optional(),
  project_path: z.string(),
  ref: z.string().optional(),
  ref_protected: z.string(),
  ref_type: z.enum(['branch', 'tag']),
  sha: z.string().optional(),
});

/** Checks GitLab's CI id_tokens: signature, issuer and audience pinned, time, and that the claims are a job's. */
export function idTokenCheck({ keys, now, refusal }: IdTokenOptions): IdTokenCheck {
  const refused = (detail: string) => new SignalboxError(refusal, detail);
  return async (token, rules) => {
    const issuer = issuerOf(token);
    if (issuer === null) throw refused('the credential is neither a known secret nor a GitLab id_token');
    const ofIssuer = rules.filter(rule => rule.issuer === issuer);
    // Keys are only ever asked of issuers in the configuration, never of one that a token names.
    if (ofIssuer.length === 0) throw refused('the id_token is of another issuer');
    const options = {
      issuer,
      audience: ofIssuer.map(rule => rule.audience),
      algorithms: ALGORITHMS,
      clockTolerance: SKEW,
      currentDate: new Date(now()),
      requiredClaims: ['exp', 'jti'],
    };
    const verified = await verify(token, await keys(issuer), options, refused);
    const claims = claimsSchema.safeParse(verified);
    if (!claims.success) throw refused('the id_token lacks what those of GitLab jobs have');
    const { aud, exp, jti, pipeline_source, project_path, ref, ref_protected, ref_type, sha } = claims.data;
    const audiences = [aud].flat();
    return {
      id: jti,
      expiresAt: exp * 1000,
      project: project_path,
      ref: ref ?? null,
      refType: ref_type,
      refProtected: ref_protected === 'true',
      pipelineSource: pipeline_source ?? null,
      commit: sha ?? null,
      rules: ofIssuer.filter(rule => audiences.includes(rule.audience)),
    };
  };
}

/** What the token says of itself, which nobody has checked yet; null for what is no token. */
function issuerOf(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? '';
  } catch {
    return null;
  }
}

async function verify(
  token: string,
  keys: JWTVerifyGetKey,
  options: JWTVerifyOptions,
  refused: (detail: string) => SignalboxError,
): Promise<JWTPayload> {
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
