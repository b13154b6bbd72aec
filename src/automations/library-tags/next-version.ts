import type { TagStream } from './module-path.ts';
import type { ReleaseLine } from './release-line.ts';
import { type Bump, bumpVersion, formatVersion, parseVersion, release, type Version } from './semver.ts';
import type { Policy } from './snapshot.ts';
import { numbersOf, type StreamTag, type StreamTags } from './stream-tags.ts';

/** The lowest version the update may have, before looking at which numbers are free. */
export function wantedVersion(
  own: StreamTag | null,
  bump: Bump,
  stream: TagStream,
  line: ReleaseLine | null,
  policy: Policy,
): Version | { fault: string } {
  if (own) return bumpVersion(own.version, bump);
  if (line) return release(line.major, line.minor ?? 0n, line.major === 0n && line.minor === null ? 1n : 0n);
  const onlyMajor = stream.majors?.length === 1 ? stream.majors[0]! : null;
  if (onlyMajor !== null && onlyMajor > 0n) return release(onlyMajor, 0n, 0n);
  const text = policy.first ?? (policy.bump === 'conventional' ? 'v0.1.0' : 'v0.0.1');
  const first = parseVersion(text.startsWith('v') ? text : `v${text}`);
  if (first?.pre !== '' || first.build !== '') {
    return { fault: `the policy's first version "${text}" is not a release such as v0.1.0` };
  }
  return first;
}

/**
 * The first free number from `wanted` on, over the whole remote and everything that was ever there. A number is also
 * taken by a tag on another branch and by a look-alike such as v1.2.4+build.5.
 */
export function firstFree(
  wanted: Version,
  stream: TagStream,
  tags: StreamTags,
  everSeen: ReadonlySet<string>,
  policy: Policy,
): { name: string; version: Version; passed: string[] } {
  const passed: string[] = [];
  for (let next = wanted; ; next = release(next.major, next.minor, next.patch + 1n)) {
    const version = { ...next, pre: policy.preRelease ?? '', build: policy.build ?? '' };
    const name = tagName(stream, version, policy);
    const releaseName = tagName(stream, next, policy);
    if (!everSeen.has(name) && !everSeen.has(releaseName) && !tags.reserved.has(numbersOf(next))) {
      return { name, version, passed };
    }
    passed.push(releaseName);
  }
}

/** The tag's name for a version of the stream. */
export function tagName(stream: TagStream, version: Version, policy: Policy): string {
  const text = formatVersion(version);
  return stream.prefix + (policy.bare ? text.slice(1) : text);
}
