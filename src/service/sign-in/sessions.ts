import { hash, randomBytes } from 'node:crypto';
import type { AskingRequest } from '../../access-check.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import { SignalboxError } from '../../errors.ts';
import type { Caller } from '../access.ts';
import type { CookieJar } from './cookies.ts';
import { isSame } from './sealed.ts';

const KIND = 'session';
const COOKIE = 'session';
/** Without a request for this long, a session is over. */
const IDLE = 8 * 60 * 60_000;
/** How fine the time of the last request is written down. */
const SEEN_EVERY = 5 * 60_000;
/** A change with the cookie has to carry this, which no other site can read. */
export const CSRF_HEADER = 'x-signalbox-csrf';
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

interface SessionDocument extends Caller {
  /** What it was signed in by; while the configuration says the same, it goes on. */
  proof: string;
  expiresAt: number;
  seenAt: number;
}

/** Somebody who has just proved who he is. */
export interface SignedIn extends Caller {
  /** How, for the journal: `token`, `gitlab`, `link`. */
  by: string;
  proof: string;
  /** The longest that the session may last, ms. */
  lasts: number;
}

export interface Session extends Caller {
  csrf: string;
}

export interface SessionsOptions {
  documents: Documents;
  cookies: CookieJar;
  now: () => number;
}

/** Signed-in browsers. The cookie holds a random id, of which the database knows the digest only. */
export interface Sessions {
  /** Begins one, and ends the one that the request came with; returns the cookie to set. */
  begin(request: AskingRequest, who: SignedIn): Promise<string>;
  find(request: AskingRequest): Promise<Session | null>;
  /** As `find`; throws SBX_CSRF_TOKEN_WRONG when the request would change something and does not carry the token. */
  check(request: AskingRequest): Promise<Session | null>;
  /** Ends the request's; returns the cookie to set. */
  end(request: AskingRequest): Promise<string>;
}

export function createSessions(options: SessionsOptions & { isProof: (proof: string) => boolean }): Sessions {
  const { documents, cookies, now, isProof } = options;
  const secretOf = (request: AskingRequest) => cookies.read(request.headers.cookie, COOKIE);

  async function find(request: AskingRequest): Promise<Session | null> {
    const secret = secretOf(request);
    if (secret === undefined) return null;
    const stored = await documents.read<SessionDocument>(KIND, idOf(secret));
    if (!stored || isOver(stored.body, now()) || !isProof(stored.body.proof)) return null;
    const { name, role, seenAt } = stored.body;
    if (now() - seenAt >= SEEN_EVERY) {
      await documents.change<SessionDocument>(KIND, stored.id, current =>
        current === null ? null : { body: { ...current, seenAt: now() } },
      );
    }
    return { name, role, csrf: csrfOf(secret) };
  }

  async function drop(request: AskingRequest, why: string): Promise<void> {
    const secret = secretOf(request);
    const stored = secret === undefined ? null : await documents.read<SessionDocument>(KIND, idOf(secret));
    if (!stored) return;
    await documents.submit({
      changes: [{ kind: KIND, id: stored.id, body: null }],
      journal: [{ kind: 'operator', key: null, data: { sign_out: stored.body.name, why } }],
    });
  }

  async function dropOld(): Promise<void> {
    const all = await documents.list<SessionDocument>(KIND);
    const changes = all.filter(({ body }) => isOver(body, now())).map(({ id }) => ({ kind: KIND, id, body: null }));
    if (changes.length > 0) await documents.submit({ changes });
  }

  return {
    find,
    check: async request => {
      const session = await find(request);
      if (session === null || READING.has(request.method)) return session;
      const given = request.headers[CSRF_HEADER];
      if (typeof given === 'string' && isSame(given, session.csrf)) return session;
      const detail = `a change needs the header ${CSRF_HEADER} with the session's token`;
      throw new SignalboxError('SBX_CSRF_TOKEN_WRONG', detail);
    },
    begin: async (request, { name, role, by, proof, lasts }) => {
      await drop(request, 'signed in anew');
      await dropOld();
      const secret = randomBytes(32).toString('base64url');
      const at = now();
      const body: SessionDocument = { name, role, proof, expiresAt: at + lasts, seenAt: at };
      await documents.submit({
        changes: [{ kind: KIND, id: idOf(secret), body, replaces: 0 }],
        journal: [{ kind: 'operator', key: null, data: { sign_in: name, role, by } }],
      });
      return cookies.set(COOKIE, secret, Math.floor(lasts / 1000));
    },
    end: async request => {
      await drop(request, 'signed out');
      return cookies.clear(COOKIE);
    },
  };
}

function isOver({ expiresAt, seenAt }: SessionDocument, now: number): boolean {
  return now >= expiresAt || now - seenAt >= IDLE;
}

function idOf(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** Whoever can read it has the session, and whoever has another session cannot make it. */
function csrfOf(secret: string): string {
  return hash('sha256', `csrf ${secret}`, 'base64url');
}
