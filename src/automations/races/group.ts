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

function addAll(list: string[], more: readonly string[]): void {
  for (const item of more) if (!list.includes(item)) list.push(item);
}

function addTo(group: RaceGroup, sighting: RaceSighting): void {
  const { host } = sighting.origin;
  merge(group, {
    ...groupOf(sighting),
    count: 1,
    files: [sighting.file],
    hosts: host === undefined ? [] : [host],
    sightings: [sighting.id],
    variants: { [sighting.variant]: 1 },
  });
}

/** Adds what was seen of `from` to `into`, the race it is. */
function merge(into: RaceGroup, from: RaceGroup): void {
  into.count += from.count;
  into.sightings.push(...from.sightings);
  if (from.first_seen < into.first_seen) into.first_seen = from.first_seen;
  if (from.last_seen > into.last_seen) into.last_seen = from.last_seen;
  addAll(into.files, from.files);
  addAll(into.hosts, from.hosts);
  for (const [variant, count] of Object.entries(from.variants)) {
    into.variants[variant] = (into.variants[variant] ?? 0) + count;
  }
  if (rank(from.confidence) < rank(into.confidence)) {
    into.confidence = from.confidence;
    into.text = from.text;
  }
}

function copyOf(group: RaceGroup): RaceGroup {
  const { aliases, files, hosts, sightings, variants } = group;
  return {
    ...group,
    aliases: [...aliases],
    files: [...files],
    hosts: [...hosts],
    sightings: [...sightings],
    variants: { ...variants },
  };
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

/** Sightings in, races out; of each sighting only what its race needs is kept, so that a flood takes no memory. */
export interface RaceGrouping {
  /** Takes a sighting; one that was given before is not counted again. */
  add(sighting: RaceSighting): void;
  /** The races so far, the most frequent first. */
  races(): RaceGroup[];
}

/** Begins to group sightings by race. */
export function groupRaces(): RaceGrouping {
  const seen = new Set<string>();
  const byKey = new Map<string, RaceGroup>();
  /** Races of one known side, apart until it is known which complete race they belong to. */
  const incomplete = new Map<string, RaceGroup>();

  return {
    add(sighting) {
      if (seen.has(sighting.id)) return;
      seen.add(sighting.id);
      const into = sighting.incomplete ? incomplete : byKey;
      const keys = [sighting.fingerprint, ...sighting.aliases];
      const group = keys.map(key => into.get(key)).find(found => found !== undefined) ?? groupOf(sighting);
      addTo(group, sighting);
      for (const key of keys) into.set(key, into.get(key) ?? group);
    },
    races() {
      const complete = [...new Set(byKey.values())].map(copyOf);
      const races = [...complete];
      for (const group of new Set(incomplete.values())) {
        const known = raceWithSide<RaceGroup>(group, complete);
        if (known === null) races.push(copyOf(group));
        else merge(known, group);
      }
      return races.sort((a, b) => b.count - a.count || (a.fingerprint < b.fingerprint ? -1 : 1));
    },
  };
}

/** Groups sightings by race; the same sighting counts once, however often it is given. */
export function groupSightings(sightings: Iterable<RaceSighting>): RaceGroup[] {
  const grouping = groupRaces();
  for (const sighting of sightings) grouping.add(sighting);
  return grouping.races();
}
