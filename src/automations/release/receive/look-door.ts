import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { SignalboxError } from '../../../errors.ts';
import { parseRequest } from '../../../parse-request.ts';
import { RELEASE, type ReleaseDocument, releaseId } from '../model.ts';
import { productOf } from '../reconcile.ts';
import { releaseAddress, releaseView } from '../view.ts';
import type { DoorOptions } from './doors.ts';
import type { LiveUpload } from './live-uploads.ts';

const place = z.object({ product: z.string(), version: z.string() });
const listQuery = z.object({
  product: z.string().optional(),
  line: z.string().optional(),
  environment: z.string().optional(),
  state: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
  after: z.string().optional(),
  /** The last changed first, without further pages; by name otherwise. */
  order: z.enum(['name', 'newest']).optional(),
});

/** Looked through for the newest ones. */
const NEWEST = 1000;

/** `GET /v1/releases` and one release; an upload under way shows as `receiving` or `verified`. */
export function lookDoor(app: FastifyInstance, door: DoorOptions): void {
  const { documents } = door.intake.options;
  // A misspelled product has no releases; one that is configured no longer may still have some, which are shown.
  const assertProduct = (name: string | undefined) =>
    name === undefined || productOf(door.intake.options.products, name);

  app.get('/v1/releases', { config: { reads: { query: listQuery } } }, async request => {
    const query = parseRequest(listQuery, request.query);
    await door.reader(request, query.product);
    const limit = query.limit ?? 100;
    if (query.order === 'newest') {
      const all = await documents.list<ReleaseDocument>(RELEASE, {
        newest: true,
        limit: NEWEST,
        ...(query.product === undefined ? {} : { prefix: `${query.product}/` }),
      });
      const fitting = all.map(row => row.body).filter(release => fits(release, query));
      if (all.length === 0) assertProduct(query.product);
      return { releases: fitting.slice(0, limit).map(releaseView), next: null };
    }
    const found: ReleaseDocument[] = [];
    let after = query.after;
    // Pages of the database until one page of the answer is full: filters are applied here.
    for (;;) {
      const page = await documents.list<ReleaseDocument>(RELEASE, {
        limit,
        ...(query.product === undefined ? {} : { prefix: `${query.product}/` }),
        ...(after === undefined ? {} : { after }),
      });
      for (const { body } of page) if (fits(body, query)) found.push(body);
      after = page.at(-1)?.id;
      if (page.length < limit || found.length >= limit) break;
    }
    if (found.length === 0 && query.after === undefined) assertProduct(query.product);
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    const next = shown.length === limit && last ? releaseId(last.product, last.version) : null;
    return { releases: shown.map(releaseView), next };
  });

  app.get('/v1/releases/:product/:version', async (request, reply) => {
    const { product, version } = parseRequest(place, request.params);
    await door.reader(request, product);
    void reply.header('Cache-Control', 'no-store');
    const stored = await documents.read<ReleaseDocument>(RELEASE, releaseId(product, version));
    if (stored) return releaseView(stored.body);
    const live = door.intake.live.find(product, version);
    if (!live) throw new SignalboxError('SBX_RELEASE_NOT_FOUND', `${product} ${version}`);
    return liveView(live);
  });
}

function fits(
  release: ReleaseDocument,
  {
    line,
    environment,
    state,
  }: { line?: string | undefined; environment?: string | undefined; state?: string | undefined },
): boolean {
  return (
    (line === undefined || release.line === line) &&
    (environment === undefined || release.runs.some(run => run.environment === environment)) &&
    (state === undefined || release.state === state)
  );
}

function liveView(live: LiveUpload) {
  const { product, version, line, environment, credential, state, receivedAt } = live;
  return {
    product,
    version,
    line,
    environment,
    state,
    credential,
    received_at: new Date(receivedAt).toISOString(),
    received: live.received(),
    links: { self: releaseAddress(live) },
  };
}
