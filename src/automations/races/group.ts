import { UNKNOWN_SITE } from './fingerprint/site.ts';
import type { Confidence, Detector } from './parse/report.ts';
import type { RaceSighting } from './sighting.ts';

/** Everything one scan saw of one race; the keys of `signalbox races scan --json` (INTERFACE) and some more. */
export interface RaceGroup {
  fingerprint: string;
  aliases: string[];
  title: string;
  detector: Detector;
  sites: [string, string];
  incomplete: boolean;
  /** The best of its sightings'. */
  confidence: Confidence;
  count: number;
  first_seen: string;
  last_seen: string;
  files: string[];
  hosts: string[];
  /** Ids of its sightings. */
  sightings: string[];
  /** How often each of its stack pairs was seen. */
  variants: Record<string, number>;
  /** The report to show: the first of the best. */
  text: string;
}

const BEST_FIRST: readonly Confidence[] = ['complete', 'torn', 'truncated', 'mixed'];
const rank = (confidence: Confidence): number => BEST_FIRST.indexOf(confidence);

function groupOf(sighting: RaceSighting): RaceGroup {
  const { fingerprint, aliases, title, detector, sites, incomplete, confidence, seenAt, text } = sighting;
  return {
    fingerprint,
    aliases: [...aliases],
    title,
    detector,
    sites,
    incomplete,
    confidence,
    text,
    count: 0,
    first_seen: seenAt,
    last_seen: seenAt,
    files: [],
    hosts: [],
    variants: {},
    sightings: [],
  };
}

function add(group: RaceGroup, sighting: RaceSighting): void {
  group.count++;
  group.sightings.push(sighting.id);
  if (sighting.seenAt < group.first_seen) group.first_seen = sighting.seenAt;
  if (sighting.seenAt > group.last_seen) group.last_seen = sighting.seenAt;
  if (!group.files.includes(sighting.file)) group.files.push(sighting.file);
  const { host } = sighting.origin;
  if (host !== undefined && !group.hosts.includes(host)) group.hosts.push(host);
  group.variants[sighting.variant] = (group.variants[sighting.variant] ?? 0) + 1;
  if (rank(sighting.confidence) < rank(group.confidence)) {
    group.confidence = sighting.confidence;
    group.text = sighting.text;
  }
}

/** The one complete race that shares the known side of an incomplete one; null when there is none or a choice. */
export function raceWithSide<T extends { detector: Detector; sites: [string, string]; incomplete: boolean }>(
  incomplete: T,
  known: Iterable<T>,
): T | null {
  const side = incomplete.sites.find(site => site !== UNKNOWN_SITE);
  if (side === undefined) return null;
  let only: T | null = null;
  for (const race of known) {
    if (race.incomplete || race.detector !== incomplete.detector || !race.sites.includes(side)) continue;
    if (only !== null) return null;
    only = race;
  }
  return only;
}

/** Groups sightings by race; the same sighting counts once, however often it is given. */
export function groupSightings(sightings: Iterable<RaceSighting>): RaceGroup[] {
  const seen = new Set<string>();
  const byKey = new Map<string, RaceGroup>();
  const groups = new Set<RaceGroup>();
  const incomplete: RaceSighting[] = [];

  function put(sighting: RaceSighting, into: RaceGroup | null): void {
    const keys = [sighting.fingerprint, ...sighting.aliases];
    const group = into ?? keys.map(key => byKey.get(key)).find(found => found !== undefined) ?? groupOf(sighting);
    groups.add(group);
    add(group, sighting);
    if (into === null) for (const key of keys) byKey.set(key, byKey.get(key) ?? group);
  }

  for (const sighting of sightings) {
    if (seen.has(sighting.id)) continue;
    seen.add(sighting.id);
    if (sighting.incomplete) incomplete.push(sighting);
    else put(sighting, null);
  }
  const complete = [...groups];
  for (const sighting of incomplete) {
    const known = raceWithSide<Pick<RaceGroup, 'detector' | 'sites' | 'incomplete'>>(sighting, complete);
    put(sighting, known as RaceGroup | null);
  }
  return [...groups].sort((a, b) => b.count - a.count || (a.fingerprint < b.fingerprint ? -1 : 1));
}
