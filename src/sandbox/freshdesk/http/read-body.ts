import type { IncomingMessage } from 'node:http';
import { parseMultipart, type UploadedFile } from '../../http/multipart.ts';
import { parseNested } from '../../http/nested.ts';
import { ApiError } from './api-error.ts';

export interface RequestBody {
  input: Record<string, unknown>;
  files: UploadedFile[];
  form: boolean;
  bytes: number;
}

const EMPTY: RequestBody = { input: {}, files: [], form: false, bytes: 0 };

/** Somewhat above the 20 MB of attachments that a ticket may have. */
const LIMIT = 25 * 1024 * 1024;

/** JSON or multipart, else 415; 400 `invalid_json` for what does not parse; 413 far above the size of attachments. */
export async function readBody(request: IncomingMessage): Promise<RequestBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= LIMIT) chunks.push(chunk);
  }
  if (bytes > LIMIT) throw new ApiError(413);
  if (bytes === 0) return EMPTY;
  const raw = Buffer.concat(chunks);
  const type = request.headers['content-type'] ?? '';
  const boundary = /^multipart\/form-data\s*;.*boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary !== undefined) return { ...parseMultipart(raw, boundary), form: true, bytes };
  if (/^application\/json/i.test(type)) return { input: parseJson(raw), files: [], form: false, bytes };
  if (/^application\/x-www-form-urlencoded/i.test(type))
    return { input: parseNested(raw.toString('utf8')), files: [], form: true, bytes };
  throw new ApiError(415, {
    code: 'invalid_content_type',
    message: 'Content-Type header should have application/json',
  });
}

function parseJson(raw: Buffer): Record<string, unknown> {
  const invalid = new ApiError(400, { code: 'invalid_json', message: 'Request body has invalid JSON format' });
  let value: unknown;
  try {
    value = JSON.parse(raw.toString('utf8'));
  } catch {
    throw invalid;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw invalid;
  return value as Record<string, unknown>;
}
