import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

/** An application that was registered with the instance. */
export interface ApplicationRecord {
  id: number;
  uid: string;
  secret: string;
  name: string;
  /** One address a line, as it was entered. */
  redirectUris: string[];
  scopes: string[];
  confidential: boolean;
}

/** A code on its way from the browser to the application's server. */
export interface GrantRecord {
  code: string;
  applicationId: number;
  userId: number;
  redirectUri: string;
  scopes: string[];
  nonce: string | null;
  challenge: { value: string; method: string } | null;
  expiresAt: number;
  used: boolean;
}

/** What the instance knows as an identity provider. */
export interface OAuthState {
  applications: Map<string, ApplicationRecord>;
  grants: Map<string, GrantRecord>;
  /** Of access tokens: by which application they were got. */
  tokenApplications: Map<string, number>;
  /** Signs id tokens; made when it is first needed. */
  signingKey: { id: string; key: KeyObject } | null;
}

export function emptyOAuthState(): OAuthState {
  return { applications: new Map(), grants: new Map(), tokenApplications: new Map(), signingKey: null };
}

export function signingKeyOf(state: OAuthState): { id: string; key: KeyObject } {
  state.signingKey ??= {
    id: randomBytes(16).toString('base64url'),
    key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  };
  return state.signingKey;
}
