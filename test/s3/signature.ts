import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface Keys {
  accessKey: string;
  secretKey: string;
}

/** How a body was announced: by its SHA-256 in hexadecimal digits, or not at all. */
export interface Signed {
  payload: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const TOO_OLD = 15 * 60_000;

/**
 * Checks Signature Version 4 in the Authorization header, as its documentation describes it and with nothing of a client's code.
 *
 * @returns what was signed, or the code of the error that S3 would answer
 */
export function checkSignature(request: IncomingMessage, { accessKey, secretKey }: Keys, now: number): Signed | string {
  const { authorization = '', 'x-amz-date': date = '', 'x-amz-content-sha256': payload } = request.headers;
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  if (!parts) return 'AccessDenied';
  const [, key, day = '', region = '', names = '', signature] = parts;
  if (key !== accessKey) return 'InvalidAccessKeyId';
  if (typeof payload !== 'string') return 'InvalidRequest';
  const at = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(date));
  if (!at || !String(date).startsWith(day)) return 'AccessDenied';
  const [, year, month, dayOfMonth, hour, minute, second] = at.map(Number);
  if (Math.abs(Date.UTC(year!, month! - 1, dayOfMonth, hour, minute, second) - now) > TOO_OLD)
    return 'RequestTimeTooSkewed';
  const signedNames = names.split(';');
  // Whatever says what the request means has to be signed, or somebody on the way could change it.
  const meaning = Object.keys(request.headers).filter(
    name => name.startsWith('x-amz-') || name === 'host' || name === 'content-md5',
  );
  if (meaning.some(name => !signedNames.includes(name))) return 'AccessDenied';

  const url = new URL(request.url ?? '/', 'http://s3');
  const query = [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const headers = signedNames
    .map(
      name =>
        `${name}:${String(request.headers[name] ?? '')
          .trim()
          .replace(/ +/g, ' ')}\n`,
    )
    .join('');
  const path = (request.url ?? '/').replace(/\?.*/s, '');
  const canonical = [request.method, path, query, headers, names, payload].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = [ALGORITHM, date, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const signing = [day, region, 's3', 'aws4_request'].reduce<Buffer | string>(
    (from, word) => hmac(from, word),
    `AWS4${secretKey}`,
  );
  return hmac(signing, text).toString('hex') === signature ? { payload } : 'SignatureDoesNotMatch';
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, each => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}
