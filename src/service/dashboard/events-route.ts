import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { briefRow } from '../../engine/journal/brief-row.ts';
import type { JournalRow } from '../../engine/journal/journal.ts';
import type { JournalFeed } from '../../engine/journal/journal-feed.ts';
import { SignalboxError } from '../../errors.ts';
import type { Who } from '../access.ts';

const MOST_FOLLOWERS = 200;
const HEARTBEAT = 15_000;
/** Then the stream ends and the browser comes again, and its session is looked at anew. */
const LONGEST = 10 * 60_000;

/**
 * `GET /v1/events`: journal rows as they are written, as server-sent events. `Last-Event-ID` goes on where the last
 * connection ended; whoever was away for long is not flooded with what he has missed.
 */
export function eventsRoute(app: FastifyInstance, { who, feed }: { who: Who; feed: JournalFeed }): void {
  app.get('/v1/events', async (request, reply) => {
    await who(request, 'viewer');
    if (feed.followers >= MOST_FOLLOWERS) {
      throw new SignalboxError('SBX_TOO_MANY_FOLLOWERS', `${feed.followers} streams are open`);
    }
    const lastId = request.headers['last-event-id'];
    const after = typeof lastId === 'string' && /^\d{1,15}$/.test(lastId) ? Number(lastId) : null;
    const gone = new AbortController();
    request.raw.on('close', () => gone.abort());
    reply.raw.on('close', () => gone.abort());
    const over = AbortSignal.any([gone.signal, AbortSignal.timeout(LONGEST)]);
    const from = await feed.startOf(after);
    return reply
      .type('text/event-stream')
      .header('Cache-Control', 'no-store')
      .header('X-Accel-Buffering', 'no')
      .send(Readable.from(asEvents(feed.follow(from, HEARTBEAT, over), from)));
  });
  app.addHook('preClose', async () => feed.close());
}

async function* asEvents(pages: AsyncIterable<JournalRow[]>, from: number): AsyncGenerator<string> {
  // With its place from the beginning, so that whoever loses the connection before the first row goes on from here.
  yield `retry: 2000\nid: ${from}\n\n`;
  for await (const rows of pages) {
    if (rows.length === 0) yield ': still here\n\n';
    else yield rows.map(row => `id: ${row.seq}\nevent: journal\ndata: ${JSON.stringify(briefRow(row))}\n\n`).join('');
  }
}
