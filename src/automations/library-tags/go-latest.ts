import { type GoModule, streamOf } from './module-path.ts';
import { compareVersions, formatVersion, isListedByGo, parseVersion, type Version } from './semver.ts';
import type { TagFact } from './snapshot.ts';

/**
 * The version that `go get <module>@latest` gives for these tags: the highest release, else the highest pre-release, else a
 * pseudo-version of the default branch, for which this is null. Go looks neither at ancestry nor at what the tag is on; only
 * a `retract` in the newest go.mod, which is not read here, makes it pass over a version.
 * Source: cmd/go/internal/modload/query.go, go.dev/ref/mod#version-queries.
 */
export function goLatest(tags: readonly TagFact[], module: GoModule): string | null {
  const result = streamOf(module);
  if ('fault' in result) return null;
  const { prefix, majors } = result.stream;
  const versions = tags.flatMap(({ name }): Version[] => {
    const version = name.startsWith(prefix) ? parseVersion(name.slice(prefix.length)) : null;
    if (!version || !isListedByGo(version)) return [];
    return majors === null || majors.includes(version.major) ? [version] : [];
  });
  const releases = versions.filter(({ pre }) => pre === '');
  const highest = (releases.length > 0 ? releases : versions).reduce<Version | null>(
    (best, each) => (best === null || compareVersions(each, best) > 0 ? each : best),
    null,
  );
  return highest && formatVersion(highest);
}
