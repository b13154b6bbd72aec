import type { z } from 'zod';
import { SignalboxError } from '../../errors.ts';
import { type HttpAnswer, HttpClient, type HttpRequest } from '../../http/http-client.ts';

export interface GitLabOptions {
  /** `https://gitlab.example.com`, without /api/v4 */
  url: string;
  token: string;
  concurrency?: number;
  /** For one request, ms. */
  timeout?: number;
  now?: () => number;
}

/** Passed along with a write. */
export interface WriteContext {
  /** The X-Gitlab-Event-UUID of the delivery that led here: GitLab then does not send us our own change. */
  chain?: string | null;
  signal?: AbortSignal;
}

/** What a page of a list may be asked for with. */
export type Query = HttpRequest['query'];

const PER_PAGE = 100;
/** A list longer than this is a mistake in the question. */
const MOST_PAGES = 1000;

/** The wire: paths, pages and schemas, shared by all calls. */
export class GitLabApi {
  readonly url: string;
  readonly http: HttpClient;

  constructor(options: GitLabOptions) {
    this.url = options.url.replace(/\/+$/, '');
    this.http = new HttpClient({
      name: 'GitLab',
      baseUrl: `${this.url}/api/v4`,
      headers: { 'private-token': options.token },
      ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
      ...(options.now === undefined ? {} : { now: options.now }),
    });
  }

  async get<T>(schema: z.ZodType<T>, path: string, query?: Query): Promise<T> {
    return parseAnswer(schema, path, await this.http.send({ method: 'GET', path, query }));
  }

  /** Like `get`, with null for a 404. Mind that GitLab answers 404, too, where the token may not look. */
  async find<T>(schema: z.ZodType<T>, path: string, query?: Query): Promise<T | null> {
    const answer = await this.http.send({ method: 'GET', path, query, expect: [404] });
    return answer.status === 404 ? null : parseAnswer(schema, path, answer);
  }

  async raw(path: string, query?: Query, expect: readonly number[] = []): Promise<HttpAnswer> {
    return this.http.send({ method: 'GET', path, query, expect });
  }

  async write<T>(
    method: 'POST' | 'PUT',
    schema: z.ZodType<T>,
    path: string,
    json: Record<string, unknown>,
    context: WriteContext = {},
  ): Promise<T> {
    const headers = { 'x-gitlab-event-uuid': context.chain };
    return parseAnswer(schema, path, await this.http.send({ method, path, json, headers, signal: context.signal }));
  }

  async delete(path: string, context: WriteContext = {}): Promise<void> {
    const headers = { 'x-gitlab-event-uuid': context.chain };
    await this.http.send({ method: 'DELETE', path, headers, signal: context.signal, expect: [404] });
  }

  /**
   * All rows of a list, page after page, by the `Link` header (offset and keyset alike). A link to another origin is not
   * followed: it would carry the token there.
   */
  async *pages<T>(schema: z.ZodType<T>, path: string, query: Query = {}): AsyncGenerator<T[]> {
    const list = schema.array();
    let request: HttpRequest = { method: 'GET', path, query: { per_page: PER_PAGE, ...query } };
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await this.http.send(request);
      yield parseAnswer(list, path, answer);
      const next = nextLink(answer.headers['link']);
      if (!next) return;
      request = { method: 'GET', path: this.#sameOriginPath(next, path) };
    }
    throw new SignalboxError('SBX_REMOTE_UNEXPECTED', `GitLab: GET ${path}: the list does not end`);
  }

  async all<T>(schema: z.ZodType<T>, path: string, query?: Query): Promise<T[]> {
    const rows: T[] = [];
    for await (const page of this.pages(schema, path, query)) rows.push(...page);
    return rows;
  }

  close(): Promise<void> {
    return this.http.close();
  }

  #sameOriginPath(link: string, path: string): string {
    const base = new URL(this.http.baseUrl);
    const next = URL.parse(link, base.href);
    if (next === null)
      throw new SignalboxError('SBX_REMOTE_UNEXPECTED', `GitLab: GET ${path}: the next page has no address`);
    if (next.origin !== base.origin || !next.pathname.startsWith(base.pathname)) {
      const detail = `GitLab: GET ${path}: the next page is said to be at ${next.origin}; check external_url of the instance`;
      throw new SignalboxError('SBX_REMOTE_UNEXPECTED', detail);
    }
    return next.pathname.slice(base.pathname.length) + next.search;
  }
}

/** `acme/appliance` -> `acme%2Fappliance`, as GitLab wants projects in paths. */
export function projectId(project: string | number): string {
  return encodeURIComponent(String(project));
}

/** @throws SignalboxError SBX_REMOTE_UNEXPECTED for an answer that is not as it should be */
export function parseAnswer<T>(schema: z.ZodType<T>, path: string, answer: HttpAnswer): T {
  let json: unknown;
  try {
    json = answer.body.length === 0 ? null : JSON.parse(answer.body.toString('utf8'));
  } catch (cause) {
    throw new SignalboxError('SBX_REMOTE_UNEXPECTED', `GitLab: ${path}: the answer is not JSON`, { cause });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const detail = `GitLab: ${path}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`;
  throw new SignalboxError('SBX_REMOTE_UNEXPECTED', detail);
}

function nextLink(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  return /<\s*([^>\s]+)\s*>\s*;\s*rel="?next"?/.exec(text)?.[1];
}
