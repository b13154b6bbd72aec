import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { z } from 'zod';
import { SignalboxError } from '../../../errors.ts';
import type { SigningKeys } from './signing-keys.ts';

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
const ALGORITHMS: Record<string, { hash: string; dsaEncoding?: 'ieee-p1363' }> = {
  RS256: { hash: 'sha256' },
  ES256: { hash: 'sha256', dsaEncoding: 'ieee-p1363' },
};
/** Clocks differ, seconds. */
const SKEW = 60;

const header = z.object({ alg: z.string(), kid: z.string() });
/** https://docs.gitlab.com/ci/secrets/id_token_authentication: `ref_protected` is a text. */
const claims = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  nbf: z.number().optional(),
  iat: z.number().optional(),
  jti: z.string().min(1).max(200),
  project_path: z.string(),
  ref_protected: z.string(),
  ref_type: z.enum(['branch', 'tag']),
});

/** Checks GitLab's CI id_tokens: signature, issuer and audience pinned, time, project, protected ref. */
export function idTokenCheck(keys: SigningKeys, now: () => number): IdentityCheck {
  return async (token, rules) => {
    const parts = token.split('.');
    if (parts.length !== 3) throw refused('the credential is not known');
    const [head, body] = [read(header, parts[0]!), read(claims, parts[1]!)];
    const algorithm = ALGORITHMS[head.alg];
    if (!algorithm) throw refused('the id_token is signed with an algorithm that is not taken');
    const ofIssuer = rules.filter(rule => rule.issuer === body.iss);
    // Keys are only ever asked of issuers in the configuration, never of one that a token names.
    if (ofIssuer.length === 0) throw refused('the id_token is of another issuer');
    const key = await keys(body.iss, head.kid);
    if (!key) throw refused('the id_token is signed with a key that its issuer does not have');
    const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
    const options = {
      key: createPublicKey({ key, format: 'jwk' }),
      dsaEncoding: algorithm.dsaEncoding ?? 'der',
    } as const;
    if (!verifySignature(algorithm.hash, signed, options, Buffer.from(parts[2]!, 'base64url'))) {
      throw refused('the signature of the id_token is wrong');
    }
    const at = now() / 1000;
    if (at > body.exp + SKEW) throw refused('the id_token has expired');
    if (at < (body.nbf ?? body.iat ?? 0) - SKEW) throw refused('the id_token is not valid yet; check the clocks');
    const audiences = [body.aud].flat();
    const forUs = ofIssuer.filter(rule => audiences.includes(rule.audience));
    if (forUs.length === 0) throw refused('the id_token is for another audience');
    return {
      id: body.jti,
      expiresAt: body.exp * 1000,
      rules: forUs.filter(
        rule =>
          rule.project.toLowerCase() === body.project_path.toLowerCase() &&
          (!rule.refProtected || body.ref_protected === 'true'),
      ),
    };
  };
}

function read<T>(schema: z.ZodType<T>, part: string): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(part, 'base64url').toString()));
  } catch {
    throw refused('the credential is neither a known secret nor a GitLab id_token');
  }
}

function refused(detail: string): SignalboxError {
  return new SignalboxError('SBX_RELEASE_NOT_AUTHENTIC', detail);
}
