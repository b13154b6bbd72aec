import { setImmediate as turn } from 'node:timers/promises';
import type { z } from 'zod';
import { SignalboxError } from '../../errors.ts';
import { type HttpAnswer, HttpClient, type HttpRequest } from '../../http/http-client.ts';
import { FreshdeskBudget } from './freshdesk-budget.ts';

export interface FreshdeskOptions {
  /** `https://acme.freshdesk.com`: the account's own address; the API does not answer under a domain of one's own. */
  url: string;
  apiKey: string;
  /** The share of the account's calls that we take, 0 to 1. */
  share: number;
  concurrency?: number;
  /** For one request, ms. */
  timeout?: number;
  now: () => number;
}

const PER_PAGE = 100;
/** Freshdesk asks not to page further. */
const MOST_PAGES = 500;

/** The wire: sign-in, pages and schemas, shared by all calls. */
export class FreshdeskApi {
  readonly url: string;
  readonly http: HttpClient;
  readonly budget: FreshdeskBudget;

  constructor(options: FreshdeskOptions) {
    const { apiKey, share, now, concurrency = 6, timeout } = options;
    this.url = options.url.replace(/\/+$/, '');
    this.budget = new FreshdeskBudget(share, now);
    this.http = new HttpClient({
      name: 'Freshdesk',
      baseUrl: `${this.url}/api/v2`,
      headers: { authorization: `Basic ${Buffer.from(`${apiKey}:X`).toString('base64')}` },
      budget: this.budget,
      concurrency,
      now,
      ...(timeout === undefined ? {} : { timeout }),
    });
  }

  async get<T>(schema: z.ZodType<T>, path: string, query?: HttpRequest['query']): Promise<T> {
    return parse(schema, path, await this.http.send({ method: 'GET', path, query }));
  }

  /** Like `get`, with null for a 404, whose body is empty. */
  async find<T>(schema: z.ZodType<T>, path: string, query?: HttpRequest['query']): Promise<T | null> {
    const answer = await this.http.send({ method: 'GET', path, query, expect: [404] });
    return answer.status === 404 ? null : parse(schema, path, answer);
  }

  async write<T>(
    method: 'POST' | 'PUT',
    schema: z.ZodType<T>,
    path: string,
    json: Record<string, unknown>,
    signal?: AbortSignal,
  ): Promise<T> {
    return parse(schema, path, await this.http.send({ method, path, json, signal }));
  }

  /** All rows of a list, by the `link` header; null where the list does not exist. A link is only taken for its page number. */
  async all<T>(schema: z.ZodType<T>, path: string, query: HttpRequest['query'] = {}): Promise<T[] | null> {
    const list = schema.array();
    const rows: T[] = [];
    for (let page = 1; page <= MOST_PAGES; page++) {
      const answer = await this.http.send({
        method: 'GET',
        path,
        query: { per_page: PER_PAGE, ...query, page },
        expect: [404],
      });
      if (answer.status === 404) return null;
      rows.push(...(await parse(list, path, answer)));
      if (!/rel="?next"?/.test(String(answer.headers['link'] ?? ''))) return rows;
    }
    throw new SignalboxError('SBX_REMOTE_UNEXPECTED', `Freshdesk: GET ${path}: the list does not end`);
  }

  close(): Promise<void> {
    return this.http.close();
  }
}

/** Bytes; a text of a customer may have twenty times as many. */
const LARGE = 1024 * 1024;

async function parse<T>(schema: z.ZodType<T>, path: string, { body }: HttpAnswer): Promise<T> {
  // Each step of a large answer takes tens of milliseconds; between them others have their turn.
  const pause = () => (body.length < LARGE ? undefined : turn());
  let json: unknown;
  try {
    await pause();
    const text = body.toString('utf8');
    await pause();
    json = text === '' ? null : JSON.parse(text);
    await pause();
  } catch (cause) {
    throw new SignalboxError('SBX_REMOTE_UNEXPECTED', `Freshdesk: ${path}: the answer is not JSON`, { cause });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const detail = `Freshdesk: ${path}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`;
  throw new SignalboxError('SBX_REMOTE_UNEXPECTED', detail);
}
