import { createHash } from 'node:crypto';
import type { Documents } from '../../engine/documents/documents.ts';
import type { Signal } from '../../engine/intake/delivery.ts';
import { type Heartbeat, heard, nameOf } from './exposure.ts';
import { SEEN_DAYS } from './limits.ts';
import type { Confidence } from './parse/report.ts';
import { type ReadReport, readReports } from './read-report.ts';
import type { RacesSettings } from './settings.ts';
import {
  type BoxDocument,
  type ChangeSet,
  changeSet,
  KIND,
  NEW_PROJECT,
  type ProjectDocument,
  type RaceDocument,
  type SeenDocument,
} from './store.ts';
import { countSighting, raceOf } from './store-race.ts';

/** One report of a batch; times in milliseconds since 1970. */
export interface IncomingReport {
  /** The sender's own id: the same report has the same one, however often it is sent. */
  id: string | null;
  text: string;
  count: number;
  firstSeen: number | null;
  lastSeen: number | null;
  log: string | null;
  build: string | null;
  confidence: Confidence | null;
}

/** What one box sends at once. */
export interface Batch {
  /** By its token. */
  source: string;
  host: string;
  heartbeat: Heartbeat | null;
  reports: readonly IncomingReport[];
}

/** What became of a batch. */
export interface Receipt {
  /** Reports that were counted. */
  accepted: number;
  /** Reports that had been counted before. */
  known: number;
  /** Reports that hold no race, by their place in the batch. */
  refused: { report: number; reason: string }[];
  races: { fingerprint: string; title: string; new: boolean }[];
}

export interface ReceiveContext {
  documents: Documents;
  settings: Pick<RacesSettings, 'project' | 'lookthrough' | 'baseline'>;
  now: () => number;
}

const DAY = 86_400_000;
/** More races than this in one batch are looked at in their order, ms apart. */
const FLOOD = 10;
const FLOOD_DELAY = 300;
const FLOOD_STEP = 3;
/** Batches of several boxes meet in the same documents now and then. */
const TRIES = 30;

/**
 * Stores a batch: sightings counted once by source and id, the box heard of, and the keys of the races made due, all in
 * one transaction; whoever gets the receipt may forget the reports.
 */
export async function receiveBatch(batch: Batch, context: ReceiveContext): Promise<Receipt> {
  for (let tries = 0; tries < TRIES; tries++) {
    const changes = changeSet(context.documents);
    const { receipt, signals } = await apply(batch, changes, context);
    const data = {
      source: batch.source,
      host: batch.host,
      accepted: receipt.accepted,
      known: receipt.known,
      refused: receipt.refused.length,
      races: receipt.races.slice(0, 20).map(race => race.fingerprint),
    };
    const journal = receipt.accepted > 0 ? [{ kind: 'signal' as const, key: null, data }] : [];
    if (await changes.submit({ signals, journal })) return receipt;
  }
  throw new Error('too many boxes report at once');
}

async function apply(
  batch: Batch,
  changes: ChangeSet,
  { settings, now }: ReceiveContext,
): Promise<{ receipt: Receipt; signals: Signal[] }> {
  const at = now();
  const receipt: Receipt = { accepted: 0, known: 0, refused: [], races: [] };
  const project = (await changes.read<ProjectDocument>(KIND.project, settings.project)) ?? {
    ...NEW_PROJECT,
    firstReportAt: at,
  };
  const options = { project: settings.project, lookThrough: [...settings.lookthrough, ...project.lookThrough] };
  const touched = new Map<string, { count: number; race: RaceDocument; new: boolean }>();
  for (const [index, incoming] of batch.reports.entries()) {
    const found = readReports(incoming.text, options, { now: at, confidence: incoming.confidence });
    if (found.length === 0) {
      receipt.refused.push({ report: index, reason: 'there is no race report in its text' });
      continue;
    }
    for (const [place, read] of found.entries()) {
      if (!(await firstTime(changes, batch, incoming, place, at))) {
        receipt.known++;
        continue;
      }
      receipt.accepted++;
      const { fingerprint, race, isNew } = await raceOf(
        read,
        changes,
        { project: settings.project, apart: project.apart },
        at,
      );
      count(race, read, incoming, batch.host, at);
      await changes.write(KIND.race, fingerprint, race);
      const before = touched.get(fingerprint);
      touched.set(fingerprint, {
        count: (before?.count ?? 0) + incoming.count,
        race,
        new: isNew || before?.new === true,
      });
    }
  }
  await hearBox(changes, batch, at);
  await keepRanks(changes, project, touched, settings, at);
  receipt.races = [...touched].map(([fingerprint, each]) => ({
    fingerprint,
    title: each.race.title,
    new: each.new,
  }));
  const signals = signalsOf(touched, nameOf(batch), at);
  return { receipt, signals };
}

/** Of a flood the most frequent come first: they are the ones to get the day's issues. */
function signalsOf(touched: ReadonlyMap<string, { count: number }>, by: string, at: number): Signal[] {
  const isFlood = touched.size > FLOOD;
  return [...touched]
    .toSorted(([, a], [, b]) => b.count - a.count)
    .map(([fingerprint, { count: times }], index) => ({
      key: `race:${fingerprint}`,
      reason: `${by} reported it${times === 1 ? '' : ` ${times} times`}`,
      ...(isFlood ? { dueAt: at + FLOOD_DELAY + index * FLOOD_STEP } : {}),
    }));
}

function count(race: RaceDocument, read: ReadReport, incoming: IncomingReport, host: string, at: number): void {
  // A box whose clock is ahead has seen it now at the latest.
  const lastAt = Math.min(at, incoming.lastSeen ?? incoming.firstSeen ?? read.time ?? at);
  const firstAt = Math.min(lastAt, incoming.firstSeen ?? lastAt);
  countSighting(race, read, { host, build: incoming.build, count: incoming.count, firstAt, lastAt });
}

/** Whether a report is counted for the first time; remembers it. */
async function firstTime(
  changes: ChangeSet,
  batch: Batch,
  incoming: IncomingReport,
  place: number,
  at: number,
): Promise<boolean> {
  const today = Math.floor(at / DAY);
  const id = digest([idOf(incoming, batch.host, today), String(place)]);
  const bucket = `${batch.source}/${id.slice(0, 2)}`;
  const seen = (await changes.read<SeenDocument>(KIND.seen, bucket)) ?? { ids: {} };
  const known = seen.ids[id.slice(2)] !== undefined;
  if (known) return false;
  const ids = Object.fromEntries(Object.entries(seen.ids).filter(([, day]) => day > today - SEEN_DAYS));
  await changes.write<SeenDocument>(KIND.seen, bucket, { ids: { ...ids, [id.slice(2)]: today } });
  return true;
}

/** Without an id of the sender's, a report is the same when all of it is; one without a time, when it comes the same day. */
function idOf(
  { id, text, log, count: times, firstSeen, lastSeen }: IncomingReport,
  host: string,
  today: number,
): string {
  if (id !== null) return digest(['id', id]);
  const when = firstSeen === null && lastSeen === null ? [`day ${today}`] : [String(firstSeen), String(lastSeen)];
  return digest(['content', host, log ?? '', String(times), ...when, text]);
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 24);
}

async function hearBox(changes: ChangeSet, { source, host, heartbeat }: Batch, at: number): Promise<void> {
  const id = `${source}/${host}`;
  const box = (await changes.read<BoxDocument>(KIND.box, id)) ?? {
    source,
    host,
    firstHeardAt: at,
    lastHeardAt: at,
    sessions: [],
  };
  await changes.write(KIND.box, id, heard(box, heartbeat, at));
}

/** On the first day, what a baseline chooses by. */
async function keepRanks(
  changes: ChangeSet,
  project: ProjectDocument,
  touched: ReadonlyMap<string, { race: RaceDocument }>,
  { project: name, baseline }: ReceiveContext['settings'],
  at: number,
): Promise<void> {
  const isFirstDay = baseline !== undefined && at < project.firstReportAt + baseline.for;
  const isNew = (await changes.read(KIND.project, name)) === null;
  if (!isNew && !isFirstDay) return;
  const ranks = { ...project.ranks };
  if (isFirstDay) {
    for (const [fingerprint, { race }] of touched) {
      const boxes = new Set(race.cells.map(cell => cell.host)).size;
      ranks[fingerprint] = { boxes, count: race.cells.reduce((sum, cell) => sum + cell.count, 0) };
    }
  }
  await changes.write<ProjectDocument>(KIND.project, name, { ...project, ranks });
}
