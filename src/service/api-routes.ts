import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Engine } from '../engine/engine.ts';
import { explainKey } from '../engine/explain.ts';
import { briefRow } from '../engine/journal/brief-row.ts';
import { readJournal, verifyJournal } from '../engine/journal/journal.ts';
import { JOURNAL_KINDS, type JournalKind } from '../engine/journal/journal-kinds.ts';
import { readJournalRow, searchJournal } from '../engine/journal/search-journal.ts';
import { listWork } from '../engine/work/list-work.ts';
import { SignalboxError } from '../errors.ts';
import { parseRequest } from '../parse-request.ts';
import type { Database } from '../storage/database.ts';
import type { Who } from './access.ts';
import type { Metrics } from './metrics/create-metrics.ts';

const journalQuery = z.object({
  key: z.string().optional(),
  kind: z.enum(Object.keys(JOURNAL_KINDS) as JournalKind[]).optional(),
  before: z.coerce.number().int().optional(),
  after: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  text: z.string().min(1).max(200).optional(),
  from: z.coerce.date().optional(),
  to: z.coerce.date().optional(),
  /** Each row in one line, without facts. */
  brief: z.stringbool().optional(),
});

const workQuery = z.object({ state: z.enum(['due', 'running', 'laid_aside']).optional() });

const explainQuery = z.object({ key: z.string().min(1) });

export interface ApiRoutesOptions {
  engine: Engine;
  database: Database;
  metrics: Metrics;
  who: Who;
  ready: () => boolean;
}

/** The routes of the engine itself; an automation that has HTTP brings its own. */
export function apiRoutes(app: Pick<FastifyInstance, 'get' | 'post'>, options: ApiRoutesOptions): void {
  const { engine, database, metrics, who } = options;

  app.get('/healthz', async () => ({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    await database.query.selectFrom('work').select('key').limit(1).execute();
    const ready = options.ready();
    const trouble = ready ? await engine.findTrouble() : null;
    // Anybody may ask: the detail, which may name files, stands in the log.
    if (trouble) throw new SignalboxError(trouble.code, 'the log says more');
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready' });
  });

  app.get('/metrics', async (request, reply) => {
    await who(request, 'viewer');
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });

  app.get('/v1/journal', { config: { reads: { query: journalQuery } } }, async request => {
    await who(request, 'viewer');
    const { brief, from, to, text, ...query } = parseRequest(journalQuery, request.query);
    const page =
      query.after === undefined
        ? await searchJournal(database.query, { ...query, text, from: from?.getTime(), to: to?.getTime() })
        : { rows: await readJournal(database.query, withoutUndefined(query)) };
    return brief ? { ...page, rows: page.rows.map(briefRow) } : page;
  });
  app.get('/v1/journal/:seq', async request => {
    await who(request, 'viewer');
    const { seq } = parseRequest(z.object({ seq: z.coerce.number().int().min(1) }), request.params);
    const row = await readJournalRow(database.query, seq);
    if (!row) throw new SignalboxError('SBX_ROUTE_NOT_FOUND', `the journal has no row ${seq}`);
    return row;
  });

  app.get('/v1/journal/proof', async request => {
    await who(request, 'viewer');
    return verifyJournal(database.query);
  });

  app.get('/v1/work', { config: { reads: { query: workQuery } } }, async request => {
    await who(request, 'viewer');
    const { state } = parseRequest(workQuery, request.query);
    const work = await listWork(database.query, { state, limit: 500 });
    return {
      work: work.map(each => ({ ...each, due_at: each.due_at === null ? null : new Date(each.due_at).toISOString() })),
    };
  });

  app.get('/v1/explain', { config: { reads: { query: explainQuery } } }, async request => {
    await who(request, 'viewer');
    const { key } = parseRequest(explainQuery, request.query);
    const explanation = await explainKey(database.query, key);
    if (!explanation) throw new SignalboxError('SBX_KEY_NEVER_SEEN', key);
    return explanation;
  });

  app.post('/v1/work/:key/replay', async (request, reply) => {
    const { name } = await who(request, 'operator');
    const { key } = parseRequest(z.object({ key: z.string().min(1) }), request.params);
    return reply.code(202).send({ keys: await engine.replay(key, name) });
  });

  app.post('/v1/work/:key/preview', async request => {
    await who(request, 'operator');
    const { key } = parseRequest(z.object({ key: z.string().min(1) }), request.params);
    return engine.preview(key);
  });
}

function withoutUndefined<T extends object>(record: T): { [Name in keyof T]: Exclude<T[Name], undefined> } {
  const entries = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof T]: Exclude<T[Name], undefined> };
}
