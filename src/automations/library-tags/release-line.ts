/** A branch on which only fixes of one line of versions are released: 1.4, or all of 1. */
export interface ReleaseLine {
  major: bigint;
  /** null: every minor of the major. */
  minor: bigint | null;
}

const NUMBER = '(0|[1-9][0-9]*)';
const MINOR_LINE = new RegExp(`^(?:(?:release|releases|stable|maintenance)[/-])?v?${NUMBER}\\.${NUMBER}(?:\\.x)?$`);
// A bare number is no line: a branch called 2024 must not make v2024.0.0.
const MAJOR_LINE = new RegExp(
  `^(?:(?:release|releases|stable|maintenance)[/-]v?${NUMBER}(?:\\.x)?|v${NUMBER}(?:\\.x)?|${NUMBER}\\.x)$`,
);

/** The line a branch name declares (`release/1.4`, `1.4.x`, `v1.4`, `release/1.x`, `v1`); null for any other branch. */
export function lineOfBranch(branch: string): ReleaseLine | null {
  const minor = MINOR_LINE.exec(branch);
  if (minor) return { major: BigInt(minor[1]!), minor: BigInt(minor[2]!) };
  const major = MAJOR_LINE.exec(branch);
  if (!major) return null;
  return { major: BigInt((major[1] ?? major[2] ?? major[3])!), minor: null };
}

/** Whether a version's numbers are in the line. */
export function isInLine(line: ReleaseLine, version: { major: bigint; minor: bigint }): boolean {
  return version.major === line.major && (line.minor === null || version.minor === line.minor);
}

/** `v1.4.x` or `v1.x`, for people. */
export function nameOfLine(line: ReleaseLine): string {
  return line.minor === null ? `v${line.major}.x` : `v${line.major}.${line.minor}.x`;
}
