import type { UploadedFile } from '../../http/multipart.ts';
import type { AgentRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';

/** One request as the handlers see it. */
export interface Call {
  world: World;
  method: string;
  params: Record<string, string>;
  url: URL;
  /** The body, nested as Rack reads it; values of a form are texts. */
  input: Record<string, unknown>;
  /** Was the body a form (multipart)? Then texts stand for numbers and booleans. */
  form: boolean;
  files: UploadedFile[];
  agent: AgentRecord;
}

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Which of the account's limits a call counts against, besides the total. */
export type Family = 'create' | 'update' | 'list';

export interface Route {
  method: string;
  /** Below `/api/v2`. */
  path: RegExp;
  family?: Family;
  /** What a call costs; 1 unless told. */
  credits?: (url: URL) => number;
  handler: (call: Call) => Answer;
}

/** The id in a path: `/tickets/12` is a ticket, everything else than digits nothing. */
export function idOf(call: Call, name = 'id'): number {
  return Number(call.params[name]);
}

/** What `include=` asks for. */
export function included(url: URL): string[] {
  return (url.searchParams.get('include') ?? '').split(',').filter(name => name !== '');
}
