/** The longest value of a field, in bytes of UTF-8. */
export const LONGEST_VALUE = 4096;

/** Control characters, line and paragraph separators, and those that turn the direction of text around. */
const FORBIDDEN = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

/**
 * Why a value cannot go into an env file, a log and a page and mean the same everywhere; null when it can. Quotes, `$(…)`
 * and the like are fine: they are quoted, not run.
 */
export function unsafeText(value: string): string | null {
  if (Buffer.byteLength(value) > LONGEST_VALUE) return `is longer than ${LONGEST_VALUE} bytes`;
  if (!value.isWellFormed()) return 'is not well-formed Unicode';
  const found = FORBIDDEN.exec(value)?.[0];
  if (found === undefined) return null;
  const code = found.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return `contains the character U+${code}, which is not allowed: one line of visible text, please`;
}
