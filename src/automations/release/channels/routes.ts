import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Documents } from '../../../engine/documents/documents.ts';
import { SignalboxError } from '../../../errors.ts';
import { parseRequest } from '../../../parse-request.ts';
import { CHANNEL, RELEASE, type ReleaseDocument, type ReleaseRun, releaseId } from '../model.ts';
import { readAll } from '../read-all.ts';
import type { RunLogs } from '../run/run-logs.ts';
import { channelView, releaseAddress, releaseView, runView } from '../view.ts';
import type { Channel } from './move-head.ts';
import {
  type Operation,
  type OperationContext,
  type OperationResult,
  pin,
  promote,
  retry,
  rollBackTo,
  yank,
} from './operations.ts';

export interface ChannelRoutes extends OperationContext {
  documents: Documents;
  logs: Pick<RunLogs, 'follow'>;
  /** Who asks; throws unless the request may look at this product (all products without one). */
  reader: (request: FastifyRequest, product?: string) => Promise<string>;
  /** Who asks; throws unless the request may change what is on offer. */
  operator: (request: FastifyRequest) => Promise<string>;
  /** Aborted when the service stops. */
  stopping: AbortSignal;
}

const place = z.object({ product: z.string(), version: z.string() });
const reason = z.string().trim().max(1000);
const withEnvironment = z.strictObject({ environment: z.string(), why: reason.optional() });
const withWhy = z.strictObject({ why: reason.optional() });
const withReason = z.strictObject({ why: reason.min(1, 'say why: it stands in the journal and on every page') });
const logQuery = z.object({ attempt: z.coerce.number().int().min(1).optional(), follow: z.stringbool().optional() });

/** What people do with releases that are there: promote, roll back, withdraw, try again, pin; and the logs of runs. */
export function channelRoutes(app: FastifyInstance, routes: ChannelRoutes): void {
  const act = (name: string, perform: (operation: Operation, body: unknown) => Promise<OperationResult>) =>
    app.post(`/v1/releases/:product/:version/${name}`, async (request, reply) => {
      const by = await routes.operator(request);
      const { product, version } = parseRequest(place, request.params);
      routes.environments(product);
      const why = parseRequest(z.object({ why: reason.optional() }), request.body ?? {}).why ?? null;
      const { release, run } = await perform({ product, version, by, why }, request.body ?? {});
      const address = releaseAddress(release);
      return reply
        .code(run ? 202 : 200)
        .header('Location', address)
        .send({ release: releaseView(release), run: run && runView(run, address) });
    });

  act('promote', (operation, body) =>
    promote({ ...operation, ...parseRequest(withEnvironment, body), why: operation.why }, routes),
  );
  act('rollback', (operation, body) =>
    rollBackTo({ ...operation, ...parseRequest(withEnvironment, body), why: operation.why }, routes),
  );
  act('retry', (operation, body) => {
    parseRequest(withWhy, body);
    return retry(operation, routes);
  });
  act('pin', operation => pin({ ...operation, pinned: true }, routes));
  act('unpin', operation => pin({ ...operation, pinned: false }, routes));
  act('yank', (operation, body) => yank({ ...operation, ...parseRequest(withReason, body) }, routes));

  app.get('/v1/channels', async request => {
    const { product } = parseRequest(z.object({ product: z.string().optional() }), request.query);
    await routes.reader(request, product);
    const channels = await readAll<Channel>(routes.documents, CHANNEL, product === undefined ? '' : `${product}/`);
    if (channels.length === 0 && product !== undefined) routes.environments(product);
    return { channels: channels.map(({ id, body }) => channelView(id, body)) };
  });

  app.get('/v1/releases/:product/:version/log', async (request, reply) => {
    const { product, version } = parseRequest(place, request.params);
    await routes.reader(request, product);
    const { attempt, follow } = parseRequest(logQuery, request.query);
    const release = await read(routes.documents, product, version);
    const wanted = attempt ?? release.runs.at(-1)?.attempt ?? 1;
    const find = (from: ReleaseDocument) => from.runs.find(run => run.attempt === wanted);
    if (!find(release))
      throw new SignalboxError('SBX_RELEASE_NOT_FOUND', `${product} ${version} has no attempt ${wanted}`);

    const over = new AbortController();
    request.raw.on('close', () => over.abort());
    reply.raw.on('close', () => over.abort());
    const events = /\btext\/event-stream\b/.test(request.headers.accept ?? '');
    let run: ReleaseRun | undefined;
    const chunks = routes.logs.follow(
      { product, version, attempt: wanted },
      {
        signal: AbortSignal.any([over.signal, routes.stopping]),
        ended: async () => {
          run = find(await read(routes.documents, product, version));
          return !(events || follow) || (run?.state !== 'queued' && run?.state !== 'running');
        },
      },
    );
    const last = () => (run ? runView(run, releaseAddress(release)) : null);
    return reply
      .type(events ? 'text/event-stream' : 'text/plain; charset=utf-8')
      .header('Cache-Control', 'no-store')
      .header('X-Accel-Buffering', 'no')
      .send(Readable.from(events ? asEvents(chunks, last, routes.stopping) : chunks));
  });
}

/** `output` with a piece of the log as a JSON string, and at the end one `end` with the run. */
async function* asEvents(
  chunks: AsyncIterable<Buffer>,
  run: () => unknown,
  stopping: AbortSignal,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    yield `event: output\ndata: ${JSON.stringify(decoder.decode(chunk, { stream: true }))}\n\n`;
  }
  // It goes on after the restart, and so does whoever follows it.
  if (stopping.aborted) return;
  yield `event: end\ndata: ${JSON.stringify(run())}\n\n`;
}

async function read(documents: Documents, product: string, version: string): Promise<ReleaseDocument> {
  const stored = await documents.read<ReleaseDocument>(RELEASE, releaseId(product, version));
  if (!stored) throw new SignalboxError('SBX_RELEASE_NOT_FOUND', `${product} ${version}`);
  return stored.body;
}
