import { createHash, timingSafeEqual } from 'node:crypto';

/** Finds all holders of a secret that was shown. */
export type KnownSecrets<Holder> = (shown: string) => Holder[];

/**
 * Keeps secrets so that they can be recognised: as digests, all of which are compared in constant time whichever fits, so
 * that the time tells nothing and several may be valid at once.
 */
export function knownSecrets<Holder>(
  holders: readonly Holder[],
  secretOf: (holder: Holder) => string,
): KnownSecrets<Holder> {
  const known = holders.map(holder => ({ holder, digest: digest(secretOf(holder)) }));
  return shown => {
    const wanted = digest(shown);
    return known.filter(each => timingSafeEqual(each.digest, wanted)).map(each => each.holder);
  };
}

/** The token of `Authorization: Bearer …`, or undefined. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
