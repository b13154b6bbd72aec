/**
 * Versions of releases. The grammar is strict because a version becomes a directory, a file name, a line of an env file and
 * the order of a channel: `5.4.12`, `5.4.12-rc.1`, two to four numbers, lower case, at most 64 characters.
 */
const GRAMMAR =
  /^(0|[1-9]\d{0,8})(\.(?:0|[1-9]\d{0,8})){1,3}(?:-(?:0|[1-9]\d{0,8}|\d*[a-z][0-9a-z]*)(?:[.-](?:0|[1-9]\d{0,8}|\d*[a-z][0-9a-z]*))*)?$/;

export const LONGEST_VERSION = 64;

export function isVersion(text: string): boolean {
  return text.length <= LONGEST_VERSION && GRAMMAR.test(text);
}

/** `5.4` for `5.4.12-rc.1`: the line a version belongs to by its numbers. */
export function lineOfVersion(version: string): string {
  return version.split('-')[0]!.split('.').slice(0, 2).join('.');
}

/**
 * The order of versions: numbers by value, then pre-releases before the release itself, their parts as Semantic Versioning
 * 2.0.0 section 11 says. Total: only equal texts compare as 0, so that a head can never be ambiguous.
 *
 * @returns below 0 when `a` is older
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  for (let index = 0; index < Math.max(left.numbers.length, right.numbers.length); index++) {
    const difference = (left.numbers[index] ?? 0) - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return (
    comparePreReleases(left.pre, right.pre) ||
    left.numbers.length - right.numbers.length ||
    (a < b ? -1 : a > b ? 1 : 0)
  );
}

function parts(version: string): { numbers: number[]; pre: string[] } {
  const dash = version.indexOf('-');
  const core = dash < 0 ? version : version.slice(0, dash);
  return { numbers: core.split('.').map(Number), pre: dash < 0 ? [] : version.slice(dash + 1).split(/[.-]/) };
}

function comparePreReleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [left, right] = [a[index]!, b[index]!];
    if (left === right) continue;
    const [leftIsNumber, rightIsNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (leftIsNumber && rightIsNumber) return Number(left) - Number(right);
    if (leftIsNumber !== rightIsNumber) return leftIsNumber ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}
