/**
 * Versions as numbers. They come in every dialect (SemVer, Maven, PEP 440, Debian, calendar versions), and all that
 * matters here is which release line they belong to; so what follows the dotted numbers is only checked, not understood.
 */
export type ParsedVersion =
  | { ok: true; version: string; numbers: readonly number[]; suffix: string }
  | { ok: false; why: string };

/** Longer texts are prose, not versions. */
const MAX_LENGTH = 128;

/** 15 digits stay exact as a JavaScript number; a calendar version with seconds has 14. */
const VERSION =
  /^[vV]?([0-9]{1,15}(?:\.[0-9]{1,15}){0,7})((?:[-+~_.]?[A-Za-z{][A-Za-z0-9.+~_{}-]*|[-+~_][A-Za-z0-9.+~_{}-]+)?)$/;

/** Reads a version. Blanks around it and a `v` before it are ignored. */
export function parseVersion(text: string): ParsedVersion {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: false, why: 'is empty' };
  const match = trimmed.length > MAX_LENGTH ? null : VERSION.exec(trimmed);
  if (match === null) return { ok: false, why: 'is not a version' };
  const suffix = match[2] ?? '';
  if (/^\.?[xX*]$/.test(suffix)) return { ok: false, why: 'is a range, not a version' };
  const numbers = (match[1] ?? '').split('.').map(Number);
  // 0.0.0, 0.0.0-development, 0.0.0-PLACEHOLDER: filled in at release time. Equal everywhere, it would pass every check.
  if (numbers.every(number => number === 0)) return { ok: false, why: 'is a placeholder' };
  return { ok: true, version: trimmed.replace(/^[vV]/, ''), numbers, suffix };
}

/**
 * The first `components` numbers of a version: `5.3.1` is `5.3` with 2, `5` is `5.0`, and `24.04` is `24.4`, because
 * two lines are the same exactly if these texts are the same.
 *
 * @throws RangeError if the text is not a version
 */
export function lineOf(version: string, components: number): string {
  const { numbers } = mustParse(version);
  return Array.from({ length: components }, (_, index) => numbers[index] ?? 0).join('.');
}

/**
 * Orders versions by their numbers, never as text: `5.10` comes after `5.9`. Missing numbers count as 0, and a suffix
 * does not count: `5.3.1-rc1` and `5.3.1` compare as 0.
 *
 * @throws RangeError if one of the texts is not a version
 */
export function compareVersions(a: string, b: string): -1 | 0 | 1 {
  const left = mustParse(a).numbers;
  const right = mustParse(b).numbers;
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  return 0;
}

function mustParse(version: string): { numbers: readonly number[] } {
  const parsed = parseVersion(version);
  if (!parsed.ok) throw new RangeError(`${version.slice(0, MAX_LENGTH)} ${parsed.why}`);
  return parsed;
}
