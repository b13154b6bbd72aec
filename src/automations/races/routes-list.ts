import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AccessCheck } from '../../access-check.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import { SignalboxError } from '../../errors.ts';
import { nameOf, quietBoxes } from './exposure.ts';
import type { RacesSettings } from './settings.ts';
import { type BoxDocument, KIND, type LinkDocument, type RaceDocument } from './store.ts';

const listQuery = z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) });

interface ListContext {
  documents: Documents;
  settings: RacesSettings;
  now: () => number;
}

/** `GET /v1/races` and `GET /v1/races/boxes`: what dashboards show. */
export function raceListRoutes(app: FastifyInstance, viewer: AccessCheck, context: ListContext): void {
  const { documents, settings, now } = context;

  app.get('/v1/races', async request => {
    await viewer(request);
    const query = listQuery.safeParse(request.query);
    if (!query.success) throw new SignalboxError('SBX_REQUEST_INVALID', 'limit must be a number from 1 to 500');
    const [races, links] = await Promise.all([
      documents.list<RaceDocument>(KIND.race, { newest: true, limit: query.data.limit }),
      documents.list<LinkDocument>(KIND.link, { newest: true, limit: 1000 }),
    ]);
    const linkOf = new Map(links.map(({ id, body }) => [id, body]));
    return { races: races.map(({ id, body }) => present(id, body, linkOf.get(id))) };
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
}

function present(fingerprint: string, race: RaceDocument, link: LinkDocument | undefined) {
  const { cells } = race;
  return {
    fingerprint,
    key: `race:${fingerprint}`,
    title: race.title,
    detector: race.detector,
    sites: race.sites,
    confidence: race.confidence,
    count: cells.reduce((sum, cell) => sum + cell.count, 0),
    boxes: [...new Set(cells.map(cell => cell.host))],
    builds: [...new Set(cells.flatMap(cell => cell.build ?? []))],
    first_seen: iso(Math.min(...cells.map(cell => cell.firstAt))),
    last_seen: iso(Math.max(...cells.map(cell => cell.lastAt))),
    issue: link ? { project: link.project, iid: link.iid, state: link.state } : null,
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
