/**
 * Versions as the go command reads them: `v` + strict SemVer 2.0.0, numbers of any size.
 *
 * Numbers are BigInt because go compares them as digit strings: v1.99999999999999999999.0 is a real version that wins
 * `@latest`, and a JavaScript number would silently round it. Source: semver.org item 9-11, golang.org/x/mod/semver.
 */
export interface Version {
  major: bigint;
  minor: bigint;
  patch: bigint;
  /** Pre-release identifiers without the `-`; empty for a release. */
  pre: string;
  /** Build metadata without the `+`; go never lists a tag that has it. */
  build: string;
}

export type Bump = 'patch' | 'minor' | 'major';

// Nearly every version is one of these; the strict expression below is compiled only for the others, which takes longer than
// reading a hundred tags.
const PLAIN = /^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$/;
const NUMBER = '(0|[1-9][0-9]*)';
const PRE_IDENTIFIER = '(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)';
const STRICT = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${PRE_IDENTIFIER}(?:\\.${PRE_IDENTIFIER})*))?(?:\\+([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?$`,
);

/** Reads `1.2.3-pre+build` (no `v`), strictly; null for anything else, leading zeros included. */
export function parseBareVersion(text: string): Version | null {
  const match = PLAIN.exec(text) ?? STRICT.exec(text);
  if (!match) return null;
  return {
    major: BigInt(match[1]!),
    minor: BigInt(match[2]!),
    patch: BigInt(match[3]!),
    pre: match[4] ?? '',
    build: match[5] ?? '',
  };
}

/** Reads `v1.2.3-pre+build`, strictly; null for anything else (`V1.2.3`, `1.2.3`, `v1.2`, `v1.02.3`). */
export function parseVersion(text: string): Version | null {
  return text.charCodeAt(0) === 0x76 /* v */ ? parseBareVersion(text.slice(1)) : null;
}

/** `v1.2.3-pre+build`; the exact inverse of `parseVersion`. */
export function formatVersion(version: Version): string {
  const pre = version.pre ? `-${version.pre}` : '';
  const build = version.build ? `+${version.build}` : '';
  return `v${version.major}.${version.minor}.${version.patch}${pre}${build}`;
}

/** A release of these three numbers. */
export function release(major: bigint, minor: bigint, patch: bigint): Version {
  return { major, minor, patch, pre: '', build: '' };
}

/** SemVer precedence (item 11): negative, zero or positive; build metadata does not count. */
export function compareVersions(a: Version, b: Version): number {
  return (
    compareNumbers(a.major, b.major) ||
    compareNumbers(a.minor, b.minor) ||
    compareNumbers(a.patch, b.patch) ||
    comparePre(a.pre, b.pre)
  );
}

function compareNumbers(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function comparePre(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '') return 1;
  if (b === '') return -1;
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < left.length && i < right.length; i++) {
    const order = compareIdentifiers(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareIdentifiers(a: string, b: string): number {
  if (a === b) return 0;
  const aIsNumber = /^[0-9]+$/.test(a);
  const bIsNumber = /^[0-9]+$/.test(b);
  if (aIsNumber && bIsNumber) return compareNumbers(BigInt(a), BigInt(b));
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1;
  // ASCII order; localeCompare would sort by the machine's language.
  return a < b ? -1 : 1;
}

/** The release that follows by this bump: 1.2.3 -> 1.2.4, 1.3.0, 2.0.0. */
export function bumpVersion(version: Version, bump: Bump): Version {
  if (bump === 'major') return release(version.major + 1n, 0n, 0n);
  if (bump === 'minor') return release(version.major, version.minor + 1n, 0n);
  return release(version.major, version.minor, version.patch + 1n);
}

// The three pseudo-version forms of go.dev/ref/mod#pseudo-versions: a timestamp and twelve hexadecimal digits at the end.
const PSEUDO = /(?:^|[.-])(?:0\.)?[0-9]{14}-[0-9a-f]{12}$/;

/** Whether go would list a tag with this version at all: no build metadata and not a pseudo-version's look-alike. */
export function isListedByGo(version: Version): boolean {
  return version.build === '' && !(version.pre !== '' && PSEUDO.test(version.pre));
}
