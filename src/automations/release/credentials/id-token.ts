import type { IdTokenCheck, IdTokenRule } from '../../../gitlab/id-token/check-id-token.ts';

/** Which pipelines may release a product. */
export interface OidcRule extends IdTokenRule {
  product: string;
  name: string;
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

/** Rejects with SignalboxError SBX_RELEASE_NOT_AUTHENTIC, SBX_IDENTITY_UNAVAILABLE. */
export type IdentityCheck = (token: string, rules: readonly OidcRule[]) => Promise<Identity>;

/** Holds what a GitLab job's id_token says against the products' rules: project, protected ref. */
export function identityCheck(check: IdTokenCheck): IdentityCheck {
  return async (token, rules) => {
    const identity = await check(token, rules);
    const project = identity.project.toLowerCase();
    return {
      id: identity.id,
      expiresAt: identity.expiresAt,
      rules: identity.rules.filter(
        rule => rule.project.toLowerCase() === project && (!rule.refProtected || identity.refProtected),
      ),
    };
  };
}
