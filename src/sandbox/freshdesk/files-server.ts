import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestLog } from '../control/request-log.ts';
import { misbehave } from './misbehave.ts';
import { sign, signToken } from './present/attachment.ts';
import type { FileRecord } from './state/records.ts';
import type { World } from './state/world.ts';

/**
 * The host that attachments and inline images come from, as S3 and the attachment host do it: a signed URL until it expires
 * (403), never together with an `Authorization` header (400); inline images by their token alone.
 */
export function createFilesServer(world: World, requests: RequestLog): Server {
  return createServer((request, response) => {
    handle(world, requests, request, response).catch(() => response.destroy());
  });
}

async function handle(
  world: World,
  requests: RequestLog,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const entry = requests.start(request.method ?? 'GET', request.url ?? '/', request.headers);
  response.on('finish', () => {
    entry.status = response.statusCode;
  });
  const url = new URL(request.url ?? '/', world.filesUrl);
  request.resume();
  const faults = world.faults.forRequest(request.method ?? 'GET', url.pathname, request.headers['user-agent']);
  if (await misbehave(faults, request, response, entry)) return;
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'MethodNotAllowed');
  if (url.pathname === '/inline/attachment') return sendInline(world, request, response, url);
  if (request.headers.authorization !== undefined)
    return refuse(response, 400, 'InvalidArgument', 'Only one auth mechanism allowed');
  const expires = expiry(url);
  if (expires === null || !signed(world, url)) return refuse(response, 403, 'SignatureDoesNotMatch');
  if (world.now() > expires) return refuse(response, 403, 'AccessDenied', 'Request has expired');
  const id = /\/production\/(\d+)\/(?:original|thumb)\//.exec(url.pathname)?.[1];
  const file = world.files.get(Number(id));
  if (file === undefined) return refuse(response, 404, 'NoSuchKey', 'The specified key does not exist.');
  return sendFile(request, response, file);
}

function expiry(url: URL): number | null {
  const date = url.searchParams.get('X-Amz-Date') ?? '';
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  const seconds = Number(url.searchParams.get('X-Amz-Expires') ?? Number.NaN);
  if (parts === null || Number.isNaN(seconds)) return null;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) + seconds * 1000;
}

function signed(world: World, url: URL): boolean {
  const [given, signature = ''] = (url.pathname + url.search).split('&X-Amz-Signature=');
  return same(signature, sign(world, given ?? ''));
}

function sendInline(world: World, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> | void {
  const [head = '', payload = '', signature = ''] = (url.searchParams.get('token') ?? '').split('.');
  if (!same(signature, signToken(world, `${head}.${payload}`))) return refuse(response, 404, 'NoSuchKey');
  const { id } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { id: number };
  const file = world.files.get(id);
  if (file === undefined) return refuse(response, 404, 'NoSuchKey');
  return sendFile(request, response, file);
}

function same(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

function refuse(response: ServerResponse, status: number, code: string, message = code): void {
  response.writeHead(status, { 'Content-Type': 'application/xml' });
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  );
}

async function sendFile(request: IncomingMessage, response: ServerResponse, file: FileRecord): Promise<void> {
  response.writeHead(200, {
    'Content-Type': file.contentType,
    'Content-Length': String(file.size),
    'Content-Disposition': `inline; filename*=UTF-8''${encodeURIComponent(file.name)}`,
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await pipeline(Readable.from(contentOf(file), { objectMode: false }), response);
}

const BLOCK = 64 * 1024;

/** Made-up content is the same at every reading and differs from file to file; only one block of it is in memory. */
function* contentOf(file: FileRecord): Generator<Buffer> {
  if ('bytes' in file.content) {
    if (file.size > 0) yield file.content.bytes;
    return;
  }
  for (let sent = 0; sent < file.size; sent += BLOCK) {
    const word = createHash('sha256').update(`${file.content.generated}:${sent}`).digest();
    yield Buffer.alloc(Math.min(BLOCK, file.size - sent), word);
  }
}
