import { readJson } from './read-json.ts';

/** An answer of the service that is an error, as RFC 9457 has it. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly remedy: string;
  readonly errors: { at: string; message: string }[];

  constructor(status: number, body: Partial<Problem> & { title?: string }) {
    super(body.title ?? `The service answered ${status}`);
    this.status = status;
    this.code = body.code ?? '';
    this.detail = body.detail ?? '';
    this.remedy = body.remedy ?? '';
    this.errors = body.errors ?? [];
  }
}

let csrf = '';

/** The proof that a change comes from this page; known once the session is. */
export function setCsrf(token: string): void {
  csrf = token;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return answer<T>(await fetch(path, { headers: { accept: 'application/json' }, ...(signal ? { signal } : {}) }));
}

export async function send<T>(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (csrf !== '') headers['x-signalbox-csrf'] = csrf;
  if (body !== undefined) headers['content-type'] = 'application/json';
  return answer<T>(
    await fetch(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
  );
}

async function answer<T>(response: Response): Promise<T> {
  const text = await response.text();
  const body = /json/.test(response.headers.get('content-type') ?? '') ? readJson<unknown>(text) : {};
  if (response.ok) return body as T;
  if (response.status === 401) toSignIn();
  throw new Problem(response.status, body as Partial<Problem>);
}

/** The session is over: back to the sign-in, and from there to this page. */
export function toSignIn(): void {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}
