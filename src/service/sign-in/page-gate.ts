import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Sessions } from './sessions.ts';

/** For pages, as their `preHandler`: who is not signed in is sent to do so, and comes back to this page. */
export type PageGate = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

export function pageGate(sessions: Sessions): PageGate {
  return async (request, reply) => {
    reply.header('Cache-Control', 'no-store');
    if ((await sessions.find(request)) !== null) return undefined;
    const to = request.url === '/' ? '' : `?next=${encodeURIComponent(request.url)}`;
    return reply.redirect(`/sign-in${to}`, 303);
  };
}
