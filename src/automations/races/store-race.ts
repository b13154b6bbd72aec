import { UNKNOWN_SITE } from './fingerprint/site.ts';
import { DAYS_KEPT, MOST_CELLS, MOST_VARIANTS, OTHER_BUILDS, TEXTS_KEPT } from './limits.ts';
import type { Confidence } from './parse/report.ts';
import type { ReadReport } from './read-report.ts';
import {
  type AliasDocument,
  type Cell,
  type ChangeSet,
  KIND,
  type RaceDocument,
  type SideDocument,
  sideId,
} from './store.ts';

export interface KnownRace {
  fingerprint: string;
  race: RaceDocument;
}

const BEST_FIRST: readonly Confidence[] = ['complete', 'torn', 'truncated', 'mixed'];
const better = (a: Confidence, b: Confidence): boolean => BEST_FIRST.indexOf(a) < BEST_FIRST.indexOf(b);

/**
 * The race that a report is about: by its fingerprint; by one it was known under before, unless a member told that race
 * apart (`apart`); for a report with one side lost, the only race with its other side. Else it is a new one.
 */
export async function raceOf(
  read: ReadReport,
  changes: ChangeSet,
  { project, apart }: { project: string; apart: readonly string[] },
  now: number,
): Promise<KnownRace & { isNew: boolean }> {
  const { key, aliases, sites, incomplete } = read.fingerprint;
  const known = await find(changes, key);
  if (known) return { ...known, isNew: false };
  const older: KnownRace[] = [];
  for (const alias of aliases) {
    const race = await find(changes, alias);
    if (race) older.push(race);
  }
  const same = older.find(each => !apart.includes(each.fingerprint));
  if (same) {
    await changes.write<AliasDocument>(KIND.alias, key, { race: same.fingerprint });
    const race = { ...same.race, aliases: [...same.race.aliases, key] };
    return { fingerprint: same.fingerprint, race, isNew: false };
  }
  const { detector, type } = read.report;
  const whole = incomplete ? await withSide(project, read, changes) : null;
  if (whole) return { ...whole, isNew: false };
  if (!incomplete) {
    for (const side of new Set(sites)) {
      const id = sideId(project, detector, side);
      const { races } = (await changes.read<SideDocument>(KIND.side, id)) ?? { races: [] };
      // Two are enough to know that a lost side cannot be told.
      if (races.length < 2) await changes.write<SideDocument>(KIND.side, id, { races: [...races, key] });
    }
  }
  const race: RaceDocument = {
    project,
    detector,
    type,
    title: read.title,
    sites,
    incomplete,
    confidence: read.confidence,
    aliases: [],
    from: older[0]?.fingerprint ?? null,
    receivedAt: now,
    cells: [],
    variants: [],
  };
  return { fingerprint: key, race, isNew: true };
}

async function find(changes: ChangeSet, fingerprint: string): Promise<KnownRace | null> {
  const race = await changes.read<RaceDocument>(KIND.race, fingerprint);
  if (race) return { fingerprint, race };
  const alias = await changes.read<AliasDocument>(KIND.alias, fingerprint);
  const other = alias && (await changes.read<RaceDocument>(KIND.race, alias.race));
  return alias && other ? { fingerprint: alias.race, race: other } : null;
}

async function withSide(project: string, read: ReadReport, changes: ChangeSet): Promise<KnownRace | null> {
  const side = read.fingerprint.sites.find(site => site !== UNKNOWN_SITE);
  if (side === undefined) return null;
  const known = await changes.read<SideDocument>(KIND.side, sideId(project, read.report.detector, side));
  const [only, other] = known?.races ?? [];
  return only === undefined || other !== undefined ? null : find(changes, only);
}

/** Counts a sighting in the race's document. */
export function countSighting(race: RaceDocument, read: ReadReport, seen: Cell): void {
  const build = race.cells.length < MOST_CELLS || cellOf(race, seen.host, seen.build) ? seen.build : OTHER_BUILDS;
  const cell = cellOf(race, seen.host, build);
  if (cell) {
    cell.count += seen.count;
    cell.firstAt = Math.min(cell.firstAt, seen.firstAt);
    cell.lastAt = Math.max(cell.lastAt, seen.lastAt);
  } else race.cells.push({ ...seen, build });
  if (better(read.confidence, race.confidence)) race.confidence = read.confidence;
  countVariant(race, read, seen);
  countDay(race, seen);
}

function countDay(race: RaceDocument, { count, lastAt }: Cell): void {
  const day = new Date(lastAt).toISOString().slice(0, 10);
  const days = { ...race.days, [day]: (race.days?.[day] ?? 0) + count };
  const newest = Object.entries(days).toSorted(([a], [b]) => (a < b ? -1 : 1));
  race.days = Object.fromEntries(newest.slice(-DAYS_KEPT));
}

function cellOf(race: RaceDocument, host: string, build: string | null): Cell | undefined {
  return race.cells.find(each => each.host === host && each.build === build);
}

function countVariant(race: RaceDocument, read: ReadReport, { count, build }: Cell): void {
  const { variant: id } = read.fingerprint;
  const { confidence, text } = read;
  const known = race.variants.find(each => each.id === id);
  if (known) {
    known.count += count;
    if (known.text !== null && better(confidence, known.confidence)) Object.assign(known, { confidence, text, build });
  } else if (race.variants.length < MOST_VARIANTS) {
    const kept = race.variants.filter(each => each.text !== null).length < TEXTS_KEPT;
    race.variants.push({ id, count, confidence, text: kept ? text : null, build });
  }
}
