import type { TagStream } from './module-path.ts';
import { isInLine, type ReleaseLine } from './release-line.ts';
import { compareVersions, isListedByGo, parseBareVersion, type Version } from './semver.ts';
import type { TagFact } from './snapshot.ts';

/** A release of the stream that is being decided. */
export interface StreamTag {
  name: string;
  peeled: string;
  version: Version;
}

/** A stream's tags, sorted by what they mean for the next number. Lists are unsorted unless said otherwise. */
export interface StreamTags {
  /** Releases of this module's majors and, on a release branch, of its line: they can be the base and can contain. */
  own: StreamTag[];
  /** Releases below the own ones (v1.9.4 for module …/v2): a base only while there is no own one. */
  earlier: StreamTag[];
  /** Releases above the own ones: another line's, or a major that the go.mod does not have. */
  later: StreamTag[];
  /** Names under the prefix that look like versions and are not read as such by go, e.g. v1.2, 1.9.0, v1.02.3, v1.2.3+x. */
  lookAlikes: string[];
  /** `1.2.3` of look-alikes: no release gets a number that a reader would confuse with them. */
  reserved: Set<string>;
}

const LOOK_ALIKE = /^v?[0-9]+(?:\.[0-9]+){0,3}(?:[-+].*)?$/i;
const LOOK_ALIKE_RELEASE = /^v?0*([0-9]+)\.0*([0-9]+)\.0*([0-9]+)(?:\+.*)?$/i;

/** Sorts the remote's tags for one stream. `bare` streams have versions without `v`. */
export function sortTags(
  tags: readonly TagFact[],
  stream: TagStream,
  line: ReleaseLine | null,
  options: { bare?: boolean } = {},
): StreamTags {
  const start = options.bare ? stream.prefix : `${stream.prefix}v`;
  const sorted: StreamTags = { own: [], earlier: [], later: [], lookAlikes: [], reserved: new Set() };
  for (const tag of tags) {
    const version = tag.name.startsWith(start) ? parseBareVersion(tag.name.slice(start.length)) : null;
    if (version === null) noteLookAlike(sorted, tag.name, stream.prefix);
    else if (version.pre === '' && isListedByGo(version)) place(sorted, { ...tag, version }, stream, line);
    else if (!isListedByGo(version)) noteLookAlike(sorted, tag.name, stream.prefix);
  }
  return sorted;
}

function place(sorted: StreamTags, tag: StreamTag, stream: TagStream, line: ReleaseLine | null): void {
  const { version } = tag;
  const majors = stream.majors;
  if ((majors === null || majors.includes(version.major)) && (line === null || isInLine(line, version))) {
    sorted.own.push(tag);
    return;
  }
  const lowest = lowestOf(majors, line);
  const isEarlier = version.major < lowest.major || (version.major === lowest.major && version.minor < lowest.minor);
  (isEarlier ? sorted.earlier : sorted.later).push(tag);
}

function lowestOf(majors: readonly bigint[] | null, line: ReleaseLine | null): { major: bigint; minor: bigint } {
  if (line) return { major: line.major, minor: line.minor ?? 0n };
  return { major: majors?.[0] ?? 0n, minor: 0n };
}

function noteLookAlike(sorted: StreamTags, name: string, prefix: string): void {
  if (!name.startsWith(prefix)) return;
  const rest = name.slice(prefix.length);
  const slash = rest.indexOf('/');
  if (slash >= 0) {
    // A ref v1.2.4/x makes a ref v1.2.4 impossible: one is a directory where the other is a file.
    const head = parseBareVersion(rest.slice(rest[0] === 'v' ? 1 : 0, slash));
    if (head) sorted.reserved.add(numbersOf(head));
    return;
  }
  if (!LOOK_ALIKE.test(rest)) return;
  sorted.lookAlikes.push(name);
  const numbers = LOOK_ALIKE_RELEASE.exec(rest);
  if (numbers) sorted.reserved.add(`${BigInt(numbers[1]!)}.${BigInt(numbers[2]!)}.${BigInt(numbers[3]!)}`);
}

/** `1.2.3` */
export function numbersOf(version: Version): string {
  return `${version.major}.${version.minor}.${version.patch}`;
}

/**
 * The releases that can be the base, best first: own ones from the highest, then earlier ones, then later ones.
 * The first of them that is an ancestor of the commit is the base; what is behind it need not be looked at. Sorting is
 * put off until the first is refused, because with 50,000 tags the first nearly always is the base.
 */
export function* candidatesOf(tags: StreamTags): Generator<StreamTag> {
  for (const tier of [tags.own, tags.earlier, tags.later]) {
    const first = highestOf(tier);
    if (first === null) continue;
    yield first;
    for (const tag of [...tier].sort((a, b) => compareVersions(b.version, a.version))) if (tag !== first) yield tag;
  }
}

/** The highest release of a list; null for an empty one. */
export function highestOf(tags: readonly StreamTag[]): StreamTag | null {
  let highest: StreamTag | null = null;
  for (const tag of tags) if (highest === null || compareVersions(tag.version, highest.version) > 0) highest = tag;
  return highest;
}
