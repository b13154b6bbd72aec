import { SignalboxError } from '../errors.ts';
import { hideSecrets } from './hide-secrets.ts';
import type { Remote } from './remote.ts';
import type { HttpAnswer } from './send.ts';

const AGENT = 'git/signalbox';

export interface GitRequest {
  method: 'GET' | 'POST';
  /** Below the repository: `/git-upload-pack`. */
  path: string;
  contentType?: string;
  accept: string;
  body?: Buffer;
  /** Whether the call changes something: then a broken connection leaves its fate open. */
  changes?: boolean;
  signal?: AbortSignal;
}

/**
 * One HTTP exchange with the repository; `read` takes the body while it comes. Every failure becomes a coded error in which
 * no credential can be, and which says whether something may have been changed.
 *
 * @throws SignalboxError SBX_REMOTE_UNREACHABLE, _UNCERTAIN, _UNAVAILABLE, _THROTTLED, _REFUSED, _UNEXPECTED
 */
export async function exchange<T>(
  remote: Remote,
  request: GitRequest,
  read: (body: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const where = `git: ${request.method} ${remote.url}${request.path}`;
  const deadline = AbortSignal.timeout(remote.timeout);
  const signal = request.signal ? AbortSignal.any([deadline, request.signal]) : deadline;
  const uncertain = request.changes ? 'SBX_REMOTE_UNCERTAIN' : 'SBX_REMOTE_UNREACHABLE';
  let answer: HttpAnswer | null = null;
  try {
    answer = await remote.send({
      method: request.method,
      url: remote.url + request.path,
      headers: headersOf(remote, request),
      body: request.body ?? null,
      signal,
    });
    if (answer.status !== 200) throw await refusal(remote, where, request, answer);
    const contentType = String(answer.headers['content-type'] ?? '');
    if (contentType.split(';')[0] !== request.accept) {
      await drain(answer.body);
      const detail = `${where}: answered with ${contentType || 'no content type'}, so this is not a git repository`;
      throw new SignalboxError('SBX_REMOTE_UNEXPECTED', detail);
    }
    return await read(answer.body);
  } catch (error) {
    if (error instanceof SignalboxError) {
      // After a change was accepted for processing, an answer that cannot be read says nothing about its fate.
      if (request.changes && answer?.status === 200) throw new SignalboxError('SBX_REMOTE_UNCERTAIN', error.detail);
      throw error;
    }
    if (request.signal?.aborted) throw error;
    const { code, message } = error as { code?: string; message?: string };
    const text = deadline.aborted ? `no answer within ${remote.timeout} ms` : (code ?? message ?? 'connection lost');
    const nothingSent = answer === null && NOTHING_SENT.has(code ?? '');
    // The cause is left out: an error of a connection may hold the request with its headers.
    throw new SignalboxError(
      nothingSent ? 'SBX_REMOTE_UNREACHABLE' : uncertain,
      hideSecrets(remote, `${where}: ${text}`),
    );
  }
}

/** Errors that come before a byte of the request has left. */
const NOTHING_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function headersOf(remote: Remote, request: GitRequest): Record<string, string> {
  const headers: Record<string, string> = {
    'user-agent': AGENT,
    accept: request.accept,
    'git-protocol': 'version=2',
  };
  if (request.contentType) headers['content-type'] = request.contentType;
  if (remote.authorization) headers['authorization'] = remote.authorization;
  return headers;
}

async function refusal(
  remote: Remote,
  where: string,
  request: GitRequest,
  answer: HttpAnswer,
): Promise<SignalboxError> {
  const { status } = answer;
  const words = hideSecrets(remote, await firstWords(answer.body));
  const detail = (text: string): string => `${where}: ${status} ${text}`.trim();
  const remoteStatus = status;
  if (status >= 300 && status < 400) {
    // A credential must not travel to an address that only a server named; GitLab redirects renamed projects.
    const target = URL.parse(String(answer.headers['location'] ?? ''), remote.url);
    const text = target ? `it has moved to ${target.origin}${target.pathname}; use the new address` : 'a redirect';
    return new SignalboxError('SBX_REMOTE_REFUSED', hideSecrets(remote, detail(text)), { remoteStatus });
  }
  if (status === 429) {
    const seconds = Number(answer.headers['retry-after'] ?? 60);
    const retryAt = Date.now() + (Number.isFinite(seconds) ? Math.min(Math.max(seconds, 1), 900) : 60) * 1000;
    return new SignalboxError('SBX_REMOTE_THROTTLED', detail(words), { remoteStatus, retryAt });
  }
  if (status >= 500) {
    const code = request.changes ? 'SBX_REMOTE_UNCERTAIN' : 'SBX_REMOTE_UNAVAILABLE';
    return new SignalboxError(code, detail(words), { remoteStatus });
  }
  return new SignalboxError('SBX_REMOTE_REFUSED', detail(words), { remoteStatus });
}

async function firstWords(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of body) {
    text += Buffer.from(chunk).toString('utf8');
    if (text.length > 2_000) break;
  }
  return text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
}

/** Reads on to the end, so that the connection can be used again; gives up after 64 KiB, which closes it. */
async function drain(body: AsyncIterable<Uint8Array>): Promise<void> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > 65_536) break;
  }
}
