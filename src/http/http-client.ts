import { AsyncLocalStorage } from 'node:async_hooks';
import type { Readable } from 'node:stream';
import PQueue from 'p-queue';
import type { Agent, Dispatcher } from 'undici';
import { SignalboxError } from '../errors.ts';
import { createRedactor, credentialsIn, type Redactor } from '../redactor.ts';
import type { CallBudget } from './call-budget.ts';
import { RateBudget } from './rate-budget.ts';
import { refusalText } from './refusal-text.ts';
import { Silence } from './silence.ts';

export interface HttpClientOptions {
  /** What users call the other side: `GitLab`. Begins the text of errors. */
  name: string;
  /** Everything is asked below this address. */
  baseUrl: string;
  /** Sent with every request; holds the credential, so never logged. */
  headers: Record<string, string>;
  /** Requests to this host at the same time; 10 unless told. */
  concurrency?: number;
  /** For the whole of one request, ms; 30 s unless told. */
  timeout?: number;
  /** A longer answer is not taken into memory; 64 MiB unless told. */
  longestAnswer?: number;
  now?: () => number;
  /** How often it may be called; read off `RateLimit-…` headers unless told. */
  budget?: CallBudget;
}

/** A body that is sent while it is read, once; a request with one is never sent again. */
export interface StreamedBody {
  stream: Readable;
  length: number;
  type: string;
}

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the base URL, with a leading slash; already encoded. */
  path: string;
  query?: Record<string, string | number | boolean | readonly string[] | undefined> | undefined;
  json?: unknown;
  body?: StreamedBody;
  /** For this request instead of the client's, ms. */
  timeout?: number | undefined;
  headers?: Record<string, string | null | undefined>;
  signal?: AbortSignal | undefined;
  /** Answers with these statuses are returned rather than thrown. */
  expect?: readonly number[];
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** A wait asked for by the other side that is shorter than this is waited out; a longer one lets the key go. */
const SHORT_WAIT = 3_000;
const READ_TRIES = 3;
/** Pages and files of a repository are far below; an answer without an end would fill the memory. */
const LARGEST_ANSWER = 64 * 1024 * 1024;

/**
 * One host, called with care: never more at once than it should get, never faster than it allows, never without an end.
 * Only reads are repeated. A write whose fate is open throws SBX_REMOTE_UNCERTAIN, and whoever sent it looks.
 */
export class HttpClient {
  readonly baseUrl: string;
  readonly #options: Required<Omit<HttpClientOptions, 'budget'>>;
  /** From the first request on: a service is ready before undici is loaded. */
  #agent: Promise<Agent> | null = null;
  readonly #queue: PQueue;
  /** Whoever refuses us may repeat what we have shown. */
  readonly #redactor: Redactor;
  readonly budget: CallBudget;
  readonly #silence: Silence;

  constructor(options: HttpClientOptions) {
    const { budget, ...rest } = options;
    this.#options = { concurrency: 10, timeout: 30_000, longestAnswer: 64 * 1024 * 1024, now: Date.now, ...rest };
    this.baseUrl = options.baseUrl.replace(/\/+$/, '');
    this.#queue = new PQueue({ concurrency: this.#options.concurrency });
    this.#redactor = createRedactor(credentialsIn(options.headers));
    this.budget = budget ?? new RateBudget(this.#options.now);
    this.#silence = new Silence(this.#options.now);
  }

  /**
   * @throws SignalboxError SBX_REMOTE_UNREACHABLE, _UNCERTAIN, _UNAVAILABLE, _THROTTLED, _REFUSED, _UNEXPECTED
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const repeatable = request.method === 'GET';
    for (let attempt = 1; ; attempt++) {
      const again = repeatable && attempt < READ_TRIES;
      const began = performance.now();
      try {
        return await this.#once(request);
      } catch (error) {
        if (!(error instanceof SignalboxError) || request.signal?.aborted) throw error;
        if (error.code === 'SBX_REMOTE_THROTTLED') {
          const wait = (error.retryAt ?? 0) - this.#options.now();
          // A refused request was not carried out, so any method may be sent again.
          if (wait > SHORT_WAIT || attempt >= READ_TRIES || request.body) throw error;
          await pause(wait, request.signal);
          continue;
        }
        // Who has waited in vain for long does not wait again: others want their turn.
        const long = performance.now() - began > this.#options.timeout / 2;
        if (!again || long || error.retryAt !== undefined || !WORTH_REPEATING.has(error.code)) throw error;
        await pause(200 * 2 ** attempt * (0.5 + Math.random() / 2), request.signal);
      }
    }
  }

  async close(): Promise<void> {
    await (await this.#agent)?.destroy();
  }

  async #openAgent(): Promise<Agent> {
    const { concurrency, timeout } = this.#options;
    const undici = await import('undici');
    return new undici.Agent({
      connections: concurrency,
      connect: { timeout: Math.min(10_000, timeout) },
      headersTimeout: timeout,
      bodyTimeout: timeout,
    });
  }

  async #once(request: HttpRequest): Promise<HttpAnswer> {
    await this.budget.pass(SHORT_WAIT, this.#options.name, request.signal);
    // Whatever watches sees it within the look that asked, also when it had to wait for others.
    return this.#queue.add(AsyncLocalStorage.bind(() => this.#exchange(request)));
  }

  async #exchange(request: HttpRequest): Promise<HttpAnswer> {
    const { name, now, longestAnswer } = this.#options;
    try {
      this.#silence.assertAnswering(name);
    } catch (error) {
      this.budget.unsent?.();
      throw error;
    }
    const timeout = request.timeout ?? this.#options.timeout;
    const where = `${name}: ${request.method} ${request.path}`;
    const deadline = AbortSignal.timeout(timeout);
    let answer: Dispatcher.ResponseData;
    let body: Buffer;
    try {
      this.#agent ??= this.#openAgent();
      const agent = await this.#agent;
      answer = await agent.request({
        origin: new URL(this.baseUrl).origin,
        path: pathWithQuery(this.baseUrl, request),
        method: request.method,
        headers: requestHeaders(this.#options.headers, request),
        body: request.body?.stream ?? (request.json === undefined ? null : JSON.stringify(request.json)),
        signal: request.signal ? AbortSignal.any([deadline, request.signal]) : deadline,
      });
      body = await readAnswer(answer.body, longestAnswer);
      this.#silence.answered();
    } catch (cause) {
      if (isSilence(cause)) this.#silence.unanswered();
      if (NOTHING_SENT.has((cause as { code?: string }).code ?? '')) this.budget.unsent?.();
      throw connectionError(where, request.method, cause);
    }
    const status = answer.statusCode;
    this.budget.note(answer.headers);
    if ((status >= 200 && status < 300) || request.expect?.includes(status)) {
      return { status, headers: answer.headers, body };
    }
    // GitLab begins some of its sentences with the number.
    const words = refusalText(body, this.#redactor).replace(new RegExp(`^${status} `), '');
    const detail = `${where}: ${status} ${words}`.trim();
    if (status === 429) {
      const retryAt = this.budget.throttled(answer.headers, now());
      throw new SignalboxError('SBX_REMOTE_THROTTLED', detail, { retryAt, remoteStatus: status });
    }
    if (status >= 500) {
      const code = request.method === 'GET' ? 'SBX_REMOTE_UNAVAILABLE' : 'SBX_REMOTE_UNCERTAIN';
      throw new SignalboxError(code, detail, { remoteStatus: status });
    }
    throw new SignalboxError('SBX_REMOTE_REFUSED', detail, { remoteStatus: status });
  }
}

const WORTH_REPEATING: ReadonlySet<string> = new Set(['SBX_REMOTE_UNREACHABLE', 'SBX_REMOTE_UNAVAILABLE']);

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

/** No answer, or not the whole of it, within the time that it had. */
function isSilence(cause: unknown): boolean {
  const { code, name } = cause as { code?: string; name?: string };
  return name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
}

const TOO_LONG = 'TOO_LONG';

/** Reads an answer into memory, up to a length. */
async function readAnswer(body: Dispatcher.ResponseData['body'], longest: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Leaving the loop destroys the body, and with it the connection.
    if (length > longest) throw Object.assign(new Error(`more than ${longest} bytes came`), { code: TOO_LONG });
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length);
}

function connectionError(where: string, method: string, cause: unknown): SignalboxError {
  const { code, message, name } = cause as { code?: string; message?: string; name?: string };
  if (code === TOO_LONG && method === 'GET') {
    return new SignalboxError('SBX_REMOTE_UNEXPECTED', `${where}: ${message}`, { cause });
  }
  const detail = `${where}: ${name === 'TimeoutError' ? 'no answer in time' : (code ?? message ?? 'connection lost')}`;
  if (method === 'GET' && code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return new SignalboxError('SBX_REMOTE_UNEXPECTED', `${where}: an answer of more than ${LARGEST_ANSWER} bytes`, {
      cause,
    });
  // A read that broke off changed nothing: for it, every broken connection is as good as none.
  const nothingHappened = method === 'GET' || NOTHING_SENT.has(code ?? '');
  return new SignalboxError(nothingHappened ? 'SBX_REMOTE_UNREACHABLE' : 'SBX_REMOTE_UNCERTAIN', detail, { cause });
}

function requestHeaders(common: Record<string, string>, request: HttpRequest): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'signalbox', ...common };
  if (request.json !== undefined) headers['content-type'] = 'application/json';
  if (request.body)
    Object.assign(headers, { 'content-type': request.body.type, 'content-length': `${request.body.length}` });
  for (const [name, value] of Object.entries(request.headers ?? {})) if (value != null) headers[name] = value;
  return headers;
}

function pathWithQuery(baseUrl: string, request: HttpRequest): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value === undefined) continue;
    if (typeof value === 'object') for (const item of value) query.append(`${name}[]`, item);
    else query.append(name, String(value));
  }
  const text = query.toString();
  return `${new URL(baseUrl).pathname.replace(/\/$/, '')}${request.path}${text === '' ? '' : `?${text}`}`;
}

async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (milliseconds <= 0) return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    });
  });
}
