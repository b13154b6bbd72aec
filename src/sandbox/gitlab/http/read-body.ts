import type { IncomingMessage } from 'node:http';
import { parseMultipart, type UploadedFile } from '../../http/multipart.ts';
import { parseNested } from '../../http/nested.ts';
import { ApiError, badRequest } from './api-error.ts';

export interface RequestBody {
  input: Record<string, unknown>;
  files: UploadedFile[];
  raw: Buffer;
}

const EMPTY: RequestBody = { input: {}, files: [], raw: Buffer.alloc(0) };

/** Reads a body in any of the forms GitLab takes: JSON, form, multipart. 413 above the limit, 400 for broken JSON. */
export async function readBody(request: IncomingMessage, limit: number): Promise<RequestBody> {
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined)
    return EMPTY;
  const chunks: Buffer[] = [];
  let size = 0;
  let tooLarge = false;
  // Read to the end even when it is too large, so that the client gets the answer and not a broken pipe.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) tooLarge = true;
    else chunks.push(chunk);
  }
  if (tooLarge) throw new ApiError(413, { error: '413 Request Entity Too Large' });
  const raw = Buffer.concat(chunks);
  if (raw.length === 0) return EMPTY;
  const type = request.headers['content-type'] ?? '';
  const boundary = /^multipart\/form-data\s*;.*boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary !== undefined) return { ...parseMultipart(raw, boundary), raw };
  if (/^application\/([\w.+-]*\+)?json/i.test(type)) return { input: parseJson(raw), files: [], raw };
  if (/^application\/x-www-form-urlencoded/i.test(type) || type === '') {
    return { input: parseNested(raw.toString('utf8')), files: [], raw };
  }
  return { input: {}, files: [], raw };
}

function parseJson(raw: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(raw.toString('utf8'));
  } catch {
    throw new ApiError(400, { error: 'message body does not match declared format' });
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw badRequest();
  return value as Record<string, unknown>;
}
