import type { FastifyInstance } from 'fastify';
import type { Settings } from '../../config/schema.ts';
import type { Documents } from '../../engine/documents/documents.ts';
import { JournalFeed } from '../../engine/journal/journal-feed.ts';
import { headOf } from '../../engine/journal/search-journal.ts';
import { FactsIndex } from '../../engine/records/facts-index.ts';
import { countRecords, createRecords } from '../../engine/records/list-records.ts';
import type { Database } from '../../storage/database.ts';
import type { Who } from '../access.ts';
import { eventsRoute } from './events-route.ts';
import { listHands } from './needs-hand.ts';
import type { Pulse } from './pulse.ts';
import { mergeIn, releaseFigures } from './release-figures.ts';
import { webRoutes } from './web-routes.ts';

export interface DashboardOptions {
  database: Database;
  documents: Documents;
  who: Who;
  pulse: Pulse;
  settings: Settings;
  now: () => number;
}

const MERGES = 5_000;

/** The automations that have a page, by their section of the configuration. */
const WITH_PAGE = ['releases', 'version_check', 'board', 'escalation', 'races', 'library_tags'];

/** The dashboard itself, and the routes that it needs beyond those of the engine and the automations. */
export function dashboardRoutes(app: FastifyInstance, options: DashboardOptions): void {
  const { database, documents, who, pulse, settings, now } = options;
  const lines = settings.lines ?? [];
  const products = settings.releases?.products ?? {};
  webRoutes(app, who);
  eventsRoute(app, { who, feed: new JournalFeed({ database: database.query }) });

  const merges = new FactsIndex({
    records: createRecords(database.query),
    automation: 'version-check',
    keys: 'merge-request:',
    pick: mergeIn,
    most: MERGES,
    now,
  });
  app.addHook('onReady', async () => merges.start());
  app.addHook('onClose', async () => merges.stop());

  app.get('/v1/overview', async request => {
    await who(request, 'viewer');
    const [hands, head, open] = await Promise.all([
      listHands({ database, documents, settings, now }),
      headOf(database.query),
      countRecords(database.query, {
        automation: 'version-check',
        keys: 'merge-request:',
        verdicts: ['blocked', 'merged despite'],
      }),
    ]);
    return {
      automations: WITH_PAGE.filter(section => settings[section as keyof Settings] !== undefined),
      gitlab_url: settings.gitlab?.url ?? null,
      hands,
      rows: head,
      open_mismatches: open,
      lines: lines.map(({ name, branch }) => ({ name, branch })),
      products: Object.entries(products).map(([name, { environments, metadata }]) => ({
        name,
        environments,
        metadata: Object.entries(metadata).map(([field, { required }]) => ({ name: field, required })),
      })),
    };
  });

  app.get('/v1/figures/releases', async request => {
    await who(request, 'viewer');
    const production = (product: string) => products[product]?.environments.at(-1);
    return releaseFigures({
      merges: async () => (await merges.read()).values(),
      documents,
      lines,
      production,
      now: now(),
    });
  });

  app.get('/v1/figures/pulse', async request => {
    await who(request, 'viewer');
    return { minutes: pulse.read().map(beat => ({ ...beat, at: new Date(beat.at).toISOString() })) };
  });
}
