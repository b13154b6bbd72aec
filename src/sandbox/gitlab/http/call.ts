import type { IncomingHttpHeaders } from 'node:http';
import type { UploadedFile } from '../../http/multipart.ts';
import type { TokenRecord, UserRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';

/** Who set off a change: decides the names in events and system notes, and carries the loop guard's chain. */
export interface Actor {
  user: UserRecord;
  /** X-Gitlab-Event-UUID of the request, null if it had none. */
  eventUuid: string | null;
}

/** One request as the handlers see it. */
export interface Call {
  world: World;
  method: string;
  /** Without the query, not decoded. */
  path: string;
  url: URL;
  /** Decoded parts of the path, by the names in the route table. */
  params: Record<string, string>;
  /** Query and body together, nested as Rack reads them. */
  input: Record<string, unknown>;
  files: UploadedFile[];
  headers: IncomingHttpHeaders;
  user: UserRecord | null;
  token: TokenRecord | null;
  eventUuid: string | null;
}

export interface Answer {
  status: number;
  /** Sent as JSON; a Buffer is sent as it is. */
  body?: unknown;
  headers?: Record<string, string>;
}

export type Handler = (call: Call) => Answer | Promise<Answer>;

export function ok(body: unknown, headers: Record<string, string> = {}): Answer {
  return { status: 200, body, headers };
}
export function created(body: unknown): Answer {
  return { status: 201, body };
}
export function accepted(body?: unknown): Answer {
  return { status: 202, body };
}
export function noContent(): Answer {
  return { status: 204 };
}
