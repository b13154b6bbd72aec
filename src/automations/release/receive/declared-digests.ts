import type { IncomingHttpHeaders } from 'node:http';
import { SignalboxError } from '../../../errors.ts';
import type { Digests } from './ring.ts';

/** The digests a sender declares, in hexadecimal, with the words it used: at least one of the two, or none yet. */
export interface DeclaredDigests extends Partial<Digests> {
  /** For each algorithm the field it came in: `Repr-Digest`, `md5`. */
  from: Partial<Record<keyof Digests, string>>;
}

const HEX_DIGITS = { md5: 32, sha256: 64 } as const;
/** RFC 9530 names to ours. */
const ALGORITHMS: Record<string, keyof Digests> = { 'sha-256': 'sha256', md5: 'md5' };
const IANA_NAMES = { md5: 'md5', sha256: 'sha-256' } as const;

/**
 * Reads the digests of headers (or trailers): RFC 9530 `Repr-Digest` and `Content-Digest`, `Content-MD5`, and
 * `X-Checksum-SHA256`, `X-Checksum-MD5` as Artifactory's clients send them. All that are there must agree.
 *
 * @throws SignalboxError SBX_RELEASE_DIGEST_INVALID, SBX_RELEASE_DIGEST_UNSUPPORTED when there are digests but none we know
 */
export function readDigestHeaders(headers: IncomingHttpHeaders): DeclaredDigests {
  const declared: DeclaredDigests = { from: {} };
  const unsupported: string[] = [];
  for (const field of ['Repr-Digest', 'Content-Digest']) {
    const value = headers[field.toLowerCase()];
    if (value === undefined) continue;
    for (const [algorithm, digest] of parseDictionary(String(value), field)) {
      const known = ALGORITHMS[algorithm];
      if (known === undefined) unsupported.push(algorithm);
      else declare(declared, known, base64ToHex(digest, known, field), field);
    }
  }
  const md5 = headers['content-md5'];
  if (md5 !== undefined) declare(declared, 'md5', base64ToHex(String(md5), 'md5', 'Content-MD5'), 'Content-MD5');
  for (const [algorithm, field] of [
    ['md5', 'X-Checksum-MD5'],
    ['sha256', 'X-Checksum-SHA256'],
  ] as const) {
    const value = headers[field.toLowerCase()];
    if (value !== undefined) declareHex(declared, algorithm, String(value), field);
  }
  if (unsupported.length > 0 && !declared.md5 && !declared.sha256) {
    throw new SignalboxError('SBX_RELEASE_DIGEST_UNSUPPORTED', `supported are sha-256 and md5`, {
      extensions: { unsupported_algorithms: unsupported.slice(0, 10).map(name => name.slice(0, 40)) },
    });
  }
  return declared;
}

/** Adds a digest in hexadecimal, as forms carry it; letters of either case, exact length. */
export function declareHex(declared: DeclaredDigests, algorithm: keyof Digests, value: string, field: string): void {
  const text = value.trim().toLowerCase();
  if (text.length !== HEX_DIGITS[algorithm] || !/^[0-9a-f]+$/.test(text)) throw invalid(field, algorithm);
  declare(declared, algorithm, text, field);
}

/**
 * Compares what arrived with what was declared.
 *
 * @throws SignalboxError SBX_RELEASE_DIGEST_MISMATCHED without what was computed: nobody is to learn the digest of bytes
 * that he does not have
 */
export function compareDigests(declared: DeclaredDigests, received: Digests): void {
  const wrong = (['sha256', 'md5'] as const).filter(
    algorithm => declared[algorithm] !== undefined && declared[algorithm] !== received[algorithm],
  );
  if (wrong.length === 0) return;
  throw new SignalboxError('SBX_RELEASE_DIGEST_MISMATCHED', wrong.map(each => declared.from[each]).join(', '), {
    extensions: {
      mismatched_digests: wrong.map(each => ({
        algorithm: IANA_NAMES[each],
        field: declared.from[each],
        provided_digest: declared[each],
      })),
    },
  });
}

export function hasDigest(declared: DeclaredDigests): boolean {
  return declared.md5 !== undefined || declared.sha256 !== undefined;
}

function declare(declared: DeclaredDigests, algorithm: keyof Digests, hex: string, field: string): void {
  const before = declared[algorithm];
  if (before !== undefined && before !== hex) {
    throw new SignalboxError('SBX_RELEASE_DIGEST_INVALID', `${field} and ${declared.from[algorithm]} do not agree`);
  }
  declared[algorithm] = hex;
  declared.from[algorithm] ??= field;
}

/** `sha-256=:base64:, md5=:base64:` (a Dictionary of RFC 9651, as far as digests use it). */
function parseDictionary(text: string, field: string): [string, string][] {
  return text.split(',').map(member => {
    const match = /^\s*([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]*):\s*(?:;.*)?$/.exec(member);
    if (!match) throw invalid(field);
    return [match[1]!, match[2]!];
  });
}

function base64ToHex(text: string, algorithm: keyof Digests, field: string): string {
  const bytes = Buffer.from(text.trim(), 'base64');
  const canonical = bytes.toString('base64') === text.trim();
  if (!canonical || bytes.length * 2 !== HEX_DIGITS[algorithm]) throw invalid(field, algorithm);
  return bytes.toString('hex');
}

function invalid(field: string, algorithm?: keyof Digests): SignalboxError {
  const detail = algorithm ? `${field} is not a ${IANA_NAMES[algorithm]} digest` : `${field} is not a list of digests`;
  return new SignalboxError('SBX_RELEASE_DIGEST_INVALID', detail);
}
