import { SignalboxError } from '../../../errors.ts';
import type { Send } from '../../../git-protocol/send.ts';

/**
 * The few calls of GitLab's REST API that a tagging job makes. The client of the service is not used for them: loading it and
 * its schemas takes longer than the whole job, and a job token is sent in a header of its own.
 */
export interface GitLabAccess {
  /** `https://gitlab.example.com/api/v4` */
  apiUrl: string;
  /** Id, or path with namespace. */
  project: string;
  token: Token;
  send: Send;
  /** For one call, in milliseconds. */
  timeout: number;
}

export interface Token {
  secret: string;
  /** A job token goes in its own header and has other rights: it may make releases, and no tags. */
  kind: 'job' | 'access' | 'none';
}

export interface GitLabAnswer {
  status: number;
  /** What the JSON is, unread; null for an answer that is none. */
  body: unknown;
  /** GitLab's own words about a refusal, without any secret. */
  words: string;
}

const MAX_BYTES = 32 * 1024 * 1024;

/**
 * One call below `/projects/:id`; a path that begins with `//` is below `/api/v4`. Every answer is returned, refusals too.
 *
 * @throws SignalboxError SBX_REMOTE_UNREACHABLE for a read, SBX_REMOTE_UNCERTAIN for a change whose answer did not come to
 *   its end, SBX_REMOTE_UNAVAILABLE or _UNCERTAIN for 5xx, SBX_REMOTE_THROTTLED
 */
export async function callGitLab(
  access: GitLabAccess,
  method: 'GET' | 'POST',
  path: string,
  input?: Record<string, string>,
): Promise<GitLabAnswer> {
  const base = path.startsWith('//') ? path.slice(1) : `/projects/${encodeURIComponent(access.project)}${path}`;
  const where = `gitlab: ${method} ${base}`;
  const changes = method === 'POST';
  const fail = (text: string, more: { remoteStatus?: number; retryAt?: number } = {}): SignalboxError => {
    const passing = more.remoteStatus === undefined ? 'SBX_REMOTE_UNREACHABLE' : 'SBX_REMOTE_UNAVAILABLE';
    const code = more.retryAt ? 'SBX_REMOTE_THROTTLED' : changes ? 'SBX_REMOTE_UNCERTAIN' : passing;
    return new SignalboxError(code, hideToken(access.token, `${where}: ${text}`), more);
  };
  let answer: { status: number; text: string; retryAfter: number };
  try {
    answer = await exchange(access, method, base, input);
  } catch (error) {
    const { code, message, name } = error as { code?: string; message?: string; name?: string };
    throw fail(name === 'TimeoutError' ? `no answer within ${access.timeout} ms` : (code ?? message ?? 'lost'));
  }
  const body = parse(answer.text);
  const words = hideToken(access.token, wordsOf(body, answer.text));
  const remoteStatus = answer.status;
  if (answer.status === 429) {
    throw fail(`429 ${words}`, { remoteStatus, retryAt: Date.now() + answer.retryAfter * 1000 });
  }
  if (answer.status >= 500) throw fail(`${answer.status} ${words}`, { remoteStatus });
  return { status: answer.status, body, words };
}

async function exchange(
  access: GitLabAccess,
  method: 'GET' | 'POST',
  path: string,
  input: Record<string, string> | undefined,
): Promise<{ status: number; text: string; retryAfter: number }> {
  const { token } = access;
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'signalbox' };
  if (token.kind === 'job') headers['job-token'] = token.secret;
  if (token.kind === 'access') headers['private-token'] = token.secret;
  if (input) headers['content-type'] = 'application/json';
  const answer = await access.send({
    method,
    url: access.apiUrl + path,
    headers,
    body: input ? Buffer.from(JSON.stringify(input)) : null,
    signal: AbortSignal.timeout(access.timeout),
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`the answer is larger than ${MAX_BYTES} bytes`);
  }
  const seconds = Number(answer.headers['retry-after'] ?? 5);
  const retryAfter = Number.isFinite(seconds) ? Math.min(Math.max(seconds, 1), 120) : 60;
  return { status: answer.status, text: Buffer.concat(chunks).toString('utf8'), retryAfter };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function wordsOf(body: unknown, text: string): string {
  const { message, error, error_description: description } = (body ?? {}) as Record<string, unknown>;
  const said = message ?? [error, description].filter(part => typeof part === 'string').join(': ');
  const words = typeof said === 'string' ? said : JSON.stringify(said);
  return (words || text.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ').trim().slice(0, 300);
}

/** The text without the token, should a server or proxy have echoed it. */
export function hideToken(token: Token, text: string): string {
  if (token.secret === '') return text;
  return text.replaceAll(token.secret, '***').replaceAll(encodeURIComponent(token.secret), '***');
}
