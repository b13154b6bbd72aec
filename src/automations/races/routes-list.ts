import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AccessCheck } from '../../access-check.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import { SignalboxError } from '../../errors.ts';
import { parseRequest } from '../../parse-request.ts';
import { nameOf, quietBoxes } from './exposure.ts';
import { RaceIndex, type RaceSummary } from './race-index.ts';
import { reportIn } from './read-report.ts';
import type { RacesSettings } from './settings.ts';
import { type BoxDocument, KIND, type LinkDocument, type RaceDocument, type Variant } from './store.ts';

const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  /** How many to leave out: the next page. */
  skip: z.coerce.number().int().min(0).default(0),
  order: z.enum(['newest', 'rank']).default('newest'),
  issue: z.enum(['opened', 'closed', 'none']).optional(),
  text: z.string().max(200).optional(),
});

interface ListContext {
  documents: Documents;
  settings: RacesSettings;
  now: () => number;
}

const DAY = 86_400_000;
/** Days that a race's small chart shows, and that the large one does. */
const FEW_DAYS = 28;
const MANY_DAYS = 60;

/** `GET /v1/races`, one race, and `GET /v1/races/boxes`: what dashboards show. */
export function raceListRoutes(app: FastifyInstance, viewer: AccessCheck, context: ListContext): void {
  const { documents, settings, now } = context;
  const index = new RaceIndex(documents, now);
  // The first who looks should not wait for thousands of reports to be read; if it fails, he does.
  app.addHook('onReady', async () => {
    void index.ranked().catch(() => undefined);
  });

  app.get('/v1/races', { config: { reads: { query: listQuery } } }, async request => {
    await viewer(request);
    const { limit, skip, order, issue, text } = parseRequest(listQuery, request.query);
    const ranked = await index.ranked();
    const fitting = ranked.filter(race => fits(race, issue, text?.toLowerCase()));
    const ordered = order === 'rank' ? fitting : fitting.toSorted((a, b) => b.lastAt - a.lastAt);
    return {
      races: ordered.slice(skip, skip + limit).map(race => present(race, now())),
      total: fitting.length,
    };
  });

  app.get('/v1/races/boxes', async request => {
    await viewer(request);
    const boxes = (await documents.list<BoxDocument>(KIND.box)).map(row => row.body);
    const quiet = new Map(quietBoxes(boxes, settings, now()).map(each => [each.box, each.why]));
    return {
      boxes: boxes.map(box => ({
        name: nameOf(box),
        last_heard: iso(box.lastHeardAt),
        says_nothing: quiet.get(nameOf(box)) ?? null,
        sessions: box.sessions.slice(-10).map(({ build, race, startedAt, endedAt }) => ({
          build,
          race,
          started_at: iso(startedAt),
          ended_at: iso(endedAt),
        })),
      })),
    };
  });

  app.get('/v1/races/days', async request => {
    await viewer(request);
    const days = lastDays(now(), MANY_DAYS);
    const races = await index.ranked();
    return {
      days,
      sightings: days.map(day => races.reduce((sum, race) => sum + (race.days[day] ?? 0), 0)),
      races: days.map(day => races.filter(race => race.days[day] !== undefined).length),
    };
  });

  app.get('/v1/races/:fingerprint', async request => {
    await viewer(request);
    const { fingerprint } = parseRequest(z.object({ fingerprint: z.string().max(200) }), request.params);
    const [stored, link] = await Promise.all([
      documents.read<RaceDocument>(KIND.race, fingerprint),
      documents.read<LinkDocument>(KIND.link, fingerprint),
    ]);
    const race = (await index.ranked()).find(each => each.fingerprint === fingerprint);
    if (!stored || !race) throw new SignalboxError('SBX_KEY_NEVER_SEEN', `race:${fingerprint}`);
    const { cells, variants } = stored.body;
    return {
      ...present(race, now()),
      issue: link && { project: link.body.project, iid: link.body.iid, state: link.body.state },
      seen: cells
        .toSorted((a, b) => b.lastAt - a.lastAt)
        .slice(0, 100)
        .map(({ host, build, count, firstAt, lastAt }) => ({
          box: host,
          build,
          count,
          first_seen: iso(firstAt),
          last_seen: iso(lastAt),
        })),
      reports: variants.toSorted((a, b) => b.count - a.count).map(presentReport),
    };
  });
}

function fits(race: RaceSummary, issue: 'opened' | 'closed' | 'none' | undefined, text: string | undefined): boolean {
  if (issue !== undefined && (race.issue?.state ?? 'none') !== issue) return false;
  if (text === undefined || text === '') return true;
  return [race.title, race.fingerprint, ...race.sites, ...race.boxes].some(each => each.toLowerCase().includes(text));
}

function present(race: RaceSummary, now: number) {
  const { fingerprint, title, type, detector, sites, confidence, count, boxes, builds, firstAt, lastAt, issue } = race;
  return {
    fingerprint,
    key: `race:${fingerprint}`,
    title,
    type,
    detector,
    sites,
    confidence,
    count,
    boxes,
    builds,
    first_seen: iso(firstAt),
    last_seen: iso(lastAt),
    days: lastDays(now, FEW_DAYS).map(day => race.days[day] ?? 0),
    issue,
  };
}

/** A report as its two stacks and as text; only the count where its text was not kept. */
function presentReport({ id, count, confidence, text, build }: Variant) {
  const report = text === null ? null : reportIn(text);
  return {
    id,
    count,
    confidence,
    build,
    text,
    accesses: (report?.accesses ?? []).map(({ kind, previous, actor, stack, lost, elided }) => ({
      kind,
      previous,
      actor,
      stack,
      lost,
      elided,
    })),
    creations: (report?.creations ?? []).map(({ actor, stack }) => ({ actor, stack })),
  };
}

/** The days up to today (UTC), oldest first. */
function lastDays(now: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => iso(now - (count - 1 - index) * DAY).slice(0, 10));
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
