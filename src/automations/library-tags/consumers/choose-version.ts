import { compareVersions, isListedByGo, parseVersion } from '../semver.ts';

/**
 * The version that a consumer is to have of a library: the highest release above its own, of the same major; on a release branch
 * only with the same minor, because a line takes patches alone. Null when it has it, or when there is none.
 */
export function chooseVersion(current: string, available: readonly string[], line: boolean): string | null {
  const own = parseVersion(current);
  if (!own) return null;
  const above = available.flatMap(text => {
    const version = parseVersion(text);
    if (version?.pre !== '' || !isListedByGo(version)) return [];
    if (version.major > 1n && version.major !== own.major) return [];
    if (line && (version.major !== own.major || version.minor !== own.minor)) return [];
    return compareVersions(version, own) > 0 ? [{ text, version }] : [];
  });
  return above.toSorted((a, b) => compareVersions(b.version, a.version))[0]?.text ?? null;
}

/** What a library's new version asks for beyond what its consumer has already: then go has to work out the rest. */
export function unmetRequirements(
  consumer: readonly { path: string; version: string }[],
  before: readonly { path: string; version: string }[],
  after: readonly { path: string; version: string }[],
): string[] {
  const has = new Map(consumer.map(({ path, version }) => [path, version]));
  const had = new Set(before.map(({ path, version }) => `${path} ${version}`));
  return after
    .filter(({ path, version }) => {
      if (had.has(`${path} ${version}`)) return false;
      const own = parseVersion(has.get(path) ?? '');
      const wanted = parseVersion(version);
      return !own || !wanted || compareVersions(own, wanted) < 0;
    })
    .map(({ path, version }) => `${path} ${version}`);
}
