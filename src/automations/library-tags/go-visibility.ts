import { listNames } from './list-names.ts';
import { majorRecipe, type TagStream } from './module-path.ts';
import type { ReleaseLine } from './release-line.ts';
import { compareVersions, formatVersion, type Version } from './semver.ts';
import type { Snapshot } from './snapshot.ts';
import { highestOf, type StreamTags } from './stream-tags.ts';

/** One warning for all names that people take for versions and go does not. */
export function lookAlikeWarning(tags: StreamTags): string[] {
  const names = tags.lookAlikes.toSorted();
  return names.length === 0 ? [] : [`not versions, and left alone: ${listNames(names)}`];
}

/**
 * What go will make of the repository after `created` is there, as far as it is not what one expects: measured rules,
 * cmd/go/internal/modfetch/coderepo.go. Reachability means nothing to go, and it lists tags that are no commits.
 */
export function goWarnings(
  snapshot: Snapshot,
  stream: TagStream,
  line: ReleaseLine | null,
  tags: StreamTags,
  created: Version,
): string[] {
  if (stream.module === null) return [];
  const { path } = stream.module;
  const warnings: string[] = [];
  const higher = tags.own.filter(tag => compareVersions(tag.version, created) > 0);
  for (const tag of higher) {
    if (snapshot.relations[tag.peeled] !== 'not-a-commit') continue;
    warnings.push(`${tag.name} is not on a commit: go lists it as a version of ${path} and fails on it`);
  }
  const latest = highestOf(higher);
  if (latest && line === null) {
    warnings.push(
      `go get ${path}@latest will give ${latest.name}, which this commit does not contain, and not ${formatVersion(created)}`,
    );
  }
  const commits = new Set(snapshot.commits.map(commit => commit.oid));
  const unusable = tags.later.find(tag => commits.has(tag.peeled) && !stream.majors?.includes(tag.version.major));
  if (unusable) {
    const recipe = majorRecipe(stream.module, unusable.version.major);
    warnings.push(`go ignores ${unusable.name}, because the module path is ${path}. To release it, ${recipe}`);
  }
  return warnings;
}
