import { createHash } from 'node:crypto';
import type { Documents } from '../../../engine/documents/documents.ts';
import { SignalboxError } from '../../../errors.ts';
import type { Caller } from '../credentials/gate.ts';
import { type CheckedMetadata, checkMetadata } from '../metadata/check-metadata.ts';
import type { GivenFields } from '../metadata/given-fields.ts';
import {
  IDEMPOTENCY,
  type IdempotencyDocument,
  RELEASE,
  type ReleaseDocument,
  releaseId,
  USED_TOKEN,
  type UsedTokenDocument,
} from '../model.ts';
import type { ProductSettings } from '../settings.ts';
import { tokenId } from '../store/commit.ts';
import { assertSamePlace, type Place } from '../store/same-place.ts';
import { type DeclaredDigests, hasDigest } from './declared-digests.ts';

/** What a sender says before a byte of the artifact is taken. */
export interface Offer {
  product: string;
  /** The version in the address, where there is one. */
  version?: string;
  fields: GivenFields;
  digests: DeclaredDigests;
  /** The digest comes behind the bytes. */
  digestFollows?: boolean;
  /** Bytes of the artifact, as far as the sender says. */
  size: number | null;
  caller: Caller;
  idempotencyKey?: string | undefined;
}

/** An offer that is taken, if its bytes are what it says. */
export interface Admission extends CheckedMetadata {
  product: string;
  settings: ProductSettings;
  digests: DeclaredDigests;
  size: number | null;
  caller: Caller;
  idempotency: { id: string; fingerprint: string } | null;
  /** The release that is there already, with these bytes as far as the sender says. */
  existing: ReleaseDocument | null;
  /** The same request has been answered before. */
  replay: boolean;
}

export interface AdmitContext {
  documents: Documents;
  products: ReadonlyMap<string, ProductSettings>;
  /** The names of the configured release lines. */
  lines: readonly string[];
  now: () => number;
}

/**
 * Everything that can be checked before the bytes: metadata, digests, size, what is there already. The caller has been
 * checked before, so that nobody else learns what exists.
 *
 * @throws SignalboxError as the table in docs/releases.md says
 */
export async function admit(offer: Offer, context: AdmitContext): Promise<Admission> {
  const { product, caller, digests, size } = offer;
  const settings = context.products.get(product);
  if (!settings) throw new SignalboxError('SBX_RELEASE_NOT_ALLOWED', 'the credential is known, and for something else');
  const checked = checkMetadata(offer.fields, { product: settings, lines: context.lines }, offer.version);
  checkDigests(offer, settings);
  if (size !== null && size > settings.max_size) throw tooLarge(settings);
  await assertTokenUnused(caller, product, checked.version, context);

  const fingerprint = fingerprintOf(checked);
  const key = readKey(offer.idempotencyKey);
  const idempotency = key === null ? null : { id: `${caller.name}/${key}`, fingerprint };
  const replay = idempotency !== null && (await isReplay(idempotency, offer, checked.version, context));
  const stored = await context.documents.read<ReleaseDocument>(RELEASE, releaseId(product, checked.version));
  const existing = stored && stored.body.state !== 'rejected' ? stored.body : null;
  if (existing) assertSame(existing, digests, checked);
  return { ...checked, product, settings, digests, size, caller, idempotency, existing, replay };
}

function checkDigests({ digests, digestFollows }: Offer, settings: ProductSettings): void {
  if (digestFollows) return;
  if (!hasDigest(digests)) throw new SignalboxError('SBX_RELEASE_DIGEST_MISSING', 'no digest was sent');
  assertStrongEnough(digests, settings);
}

/** @throws SignalboxError SBX_RELEASE_DIGEST_MISSING when the product asks for more than MD5 */
export function assertStrongEnough(digests: DeclaredDigests, settings: ProductSettings): void {
  if (settings.sha256 === 'required' && digests.sha256 === undefined) {
    throw new SignalboxError('SBX_RELEASE_DIGEST_MISSING', 'this product asks for SHA-256');
  }
}

export function tooLarge(settings: Pick<ProductSettings, 'max_size'>): SignalboxError {
  return new SignalboxError('SBX_RELEASE_TOO_LARGE', `at most ${settings.max_size} bytes`, {
    extensions: { max_size: settings.max_size },
  });
}

/** The version is there: what the sender says of the bytes decides before they are sent. */
function assertSame(existing: ReleaseDocument, digests: DeclaredDigests, place: Place): void {
  const name = `${existing.product} ${existing.version}`;
  if (existing.yanked) throw new SignalboxError('SBX_RELEASE_YANKED', name);
  const differs =
    (digests.sha256 !== undefined && digests.sha256 !== existing.sha256) ||
    (digests.md5 !== undefined && digests.md5 !== existing.md5);
  if (differs) throw new SignalboxError('SBX_RELEASE_VERSION_EXISTS', name);
  assertSamePlace(existing, place);
}

async function assertTokenUnused(
  { token }: Caller,
  product: string,
  version: string,
  { documents }: AdmitContext,
): Promise<void> {
  if (token === null) return;
  const used = await documents.read<UsedTokenDocument>(USED_TOKEN, tokenId(token.id));
  if (!used || (used.body.product === product && used.body.version === version)) return;
  throw new SignalboxError('SBX_RELEASE_NOT_AUTHENTIC', 'the id_token was used for another release already');
}

/** A token may have ended while the bytes came. */
export function assertStillValid({ token }: Caller, now: number): void {
  if (token === null || now <= token.expiresAt + 60_000) return;
  throw new SignalboxError('SBX_RELEASE_NOT_AUTHENTIC', 'the id_token has expired during the upload');
}

/** The key in double quotes (RFC 9651 string), or bare as most clients send it. */
function readKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  const key = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header)?.[1]?.replace(/\\(.)/g, '$1') ?? header;
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) throw new SignalboxError('SBX_RELEASE_KEY_INVALID', 'Idempotency-Key');
  return key;
}

async function isReplay(
  idempotency: { id: string; fingerprint: string },
  { product, digests }: Offer,
  version: string,
  { documents }: AdmitContext,
): Promise<boolean> {
  const found = await documents.read<IdempotencyDocument>(IDEMPOTENCY, `${product}/${idempotency.id}`);
  if (!found) return false;
  const { body } = found;
  const same =
    body.version === version &&
    body.fingerprint === idempotency.fingerprint &&
    (digests.sha256 ?? body.sha256) === body.sha256 &&
    (digests.md5 ?? body.md5) === body.md5;
  if (!same) throw new SignalboxError('SBX_RELEASE_KEY_REUSED', 'with other metadata or other bytes');
  return true;
}

function fingerprintOf({ version, line, environment, metadata }: CheckedMetadata): string {
  const sorted = Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([version, line, environment, sorted]))
    .digest('hex');
}
