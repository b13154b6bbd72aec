import type { AskingRequest } from '../../access-check.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import type { EngineLog } from '../../engine/log.ts';
import { SignalboxError } from '../../errors.ts';
import type { FailureLimit } from '../../failure-limit.ts';
import { type Caller, UNGUESSABLE } from '../access.ts';
import { type CookieJar, cookieJar } from './cookies.ts';
import { type GitLabOAuth, type GitLabOAuthOptions, gitlabOAuth, pendingSchema } from './gitlab-oauth.ts';
import { createLinks } from './links.ts';
import { type GroupRules, roleOf } from './role-of.ts';
import { isSame, openSeal, type Seal } from './sealed.ts';
import { createSessions, type Sessions } from './sessions.ts';

const HOUR = 60 * 60_000;
/** Who signed in with a token stays for a week; who did at GitLab, only until membership should be asked for again. */
const LASTS = { token: 7 * 24 * HOUR, gitlab: 12 * HOUR, link: 24 * HOUR };
const PENDING = 'sign-in';
/** How long somebody may take at GitLab. */
const PENDING_SECONDS = 600;

export interface SignInOptions {
  documents: Documents;
  failures: FailureLimit;
  now: () => number;
  /** The address that browsers use. */
  publicUrl: () => string;
  token: string | undefined;
  gitlab: { connection: GitLabOAuthOptions; rules: GroupRules } | undefined;
  log: EngineLog;
}

/** How people get in: each way ends in a session, and the answer's cookies. */
export interface SignIn {
  sessions: Sessions;
  ways: { gitlab: boolean; token: boolean };
  withToken(request: AskingRequest, token: string): Promise<string>;
  withLink(request: AskingRequest, code: string): Promise<string>;
  /** Sends the browser to GitLab. */
  atGitLab(to: string): Promise<{ address: string; cookie: string }>;
  /** When it has come back from there. */
  fromGitLab(request: AskingRequest, address: string): Promise<{ cookies: string[]; to: string }>;
  /** The address of a page that signs in whoever opens it first. */
  link(who: Caller): Promise<string>;
}

export async function createSignIn(options: SignInOptions): Promise<SignIn> {
  const { documents, failures, now, token, gitlab, log } = options;
  const seal = await openSeal(documents);
  const cookies = cookieJar(options.publicUrl().startsWith('https:'));
  const links = createLinks(documents, now);
  const oauth = gitlab && gitlabOAuth(gitlab.connection);
  // A session ends when what let it in is not configured any more.
  const proofs = {
    token: token === undefined ? undefined : seal.proof(`token ${token}`),
    gitlab:
      gitlab && seal.proof(JSON.stringify([gitlab.connection.url, gitlab.connection.applicationId, gitlab.rules])),
    link: seal.proof('link'),
  };
  const isProof = (proof: string) => Object.values(proofs).includes(proof);
  const sessions = createSessions({ documents, cookies, now, isProof });

  return {
    sessions,
    ways: { gitlab: gitlab !== undefined, token: token !== undefined },
    withToken: async (request, given) => {
      const isRight = token !== undefined && isSame(given, token);
      if (!isRight || token.length < UNGUESSABLE) failures.assertOpen(request.ip);
      if (!isRight || proofs.token === undefined) {
        failures.failed(request.ip);
        throw new SignalboxError('SBX_SIGN_IN_FAILED', 'the token is not right');
      }
      return sessions.begin(request, {
        name: 'dashboard token',
        role: 'operator',
        by: 'token',
        proof: proofs.token,
        lasts: LASTS.token,
      });
    },
    withLink: async (request, code) => {
      failures.assertOpen(request.ip);
      const who = await links.use(code);
      if (who === null) {
        failures.failed(request.ip);
        throw new SignalboxError('SBX_SIGN_IN_FAILED', 'the link was used already, or is too old');
      }
      return sessions.begin(request, { ...who, by: 'link', proof: proofs.link, lasts: LASTS.link });
    },
    atGitLab: async to => {
      const { address, pending } = await required(oauth)
        .begin(to, redirectUri(options))
        .catch((error: unknown) => {
          noteUnavailable(error, log);
          throw error;
        });
      const value = seal.close({ ...pending, until: now() + PENDING_SECONDS * 1000 });
      return { address, cookie: cookies.set(PENDING, value, PENDING_SECONDS) };
    },
    fromGitLab: async (request, address) => {
      // Open whatever others try from the same address: neither state nor code can be guessed.
      const pending = readPending(request, { seal, cookies, now });
      const query = new URL(address, options.publicUrl()).search;
      const callback = new URL(redirectUri(options) + query);
      const person = await required(oauth)
        .finish(callback, pending)
        .catch((error: unknown) => {
          // Nobody guesses by a GitLab that is down, or a secret that is not right here.
          if (!noteUnavailable(error, log)) failures.failed(request.ip);
          throw error;
        });
      const role = gitlab ? roleOf(person, gitlab.rules) : null;
      if (role === null || proofs.gitlab === undefined) {
        throw new SignalboxError('SBX_SIGN_IN_FAILED', `@${person.username} belongs to none of the allowed groups`);
      }
      const who = { name: `@${person.username}`, role, by: 'gitlab', proof: proofs.gitlab, lasts: LASTS.gitlab };
      return { cookies: [await sessions.begin(request, who), cookies.clear(PENDING)], to: pending.to };
    },
    link: async who => `${options.publicUrl()}/sign-in/link/${await links.make(who)}`,
  };
}

/** What is entered at GitLab as the application's redirect URI. */
function redirectUri({ publicUrl }: SignInOptions): string {
  return `${publicUrl()}/sign-in/callback`;
}

function required(oauth: GitLabOAuth | undefined): GitLabOAuth {
  if (oauth) return oauth;
  throw new SignalboxError('SBX_SIGN_IN_FAILED', 'sign-in with GitLab is not configured');
}

/** The person cannot mend it: whoever runs the service has to learn of it. @returns whether it is such an error */
function noteUnavailable(error: unknown, log: EngineLog): boolean {
  if (!(error instanceof SignalboxError) || error.code !== 'SBX_SIGN_IN_UNAVAILABLE') return false;
  log.warn('GitLab could not be asked who signs in', { code: error.code, detail: error.detail });
  return true;
}

function readPending(
  request: AskingRequest,
  { seal, cookies, now }: { seal: Seal; cookies: CookieJar; now: () => number },
) {
  const value = cookies.read(request.headers.cookie, PENDING);
  const opened = value === undefined ? null : (seal.open(value) as { until?: number } | null);
  if (opened === null || now() >= (opened.until ?? 0))
    throw new SignalboxError('SBX_SIGN_IN_FAILED', 'it took too long, or was begun in another browser');
  return pendingSchema.parse(opened);
}
