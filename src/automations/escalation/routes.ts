import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AccessCheck } from '../../access-check.ts';
import { SignalboxError } from '../../errors.ts';
import { parseRequest } from '../../parse-request.ts';
import { agentCheck, type EscalationAgent } from './access.ts';
import type { EscalationContext } from './context.ts';
import { assertTicket, findLinkedIssue } from './link.ts';
import { previewEscalation } from './preview.ts';
import { reserve, reserveLink } from './reserve.ts';
import { viewEscalation, viewTicket } from './view.ts';

const MOST_IDS = 100;

const ticketNumber = z
  .union([z.int(), z.string().regex(/^\d{1,15}$/, 'must be the number of a ticket')], 'must be the number of a ticket')
  .transform(Number)
  .pipe(z.int().positive('must be the number of a ticket').max(Number.MAX_SAFE_INTEGER));
const pressBody = z.strictObject({ ticket_id: ticketNumber, follow: z.boolean().optional() });
const linkBody = z.strictObject({ issue: z.string().min(1).max(2000), follow: z.boolean().optional() });
const idsQuery = z.object({
  ids: z
    .string()
    .regex(/^\d{1,15}(?:,\d{1,15})*$/, 'must be numbers of tickets with commas between')
    .transform(text => [...new Set(text.split(',').map(Number))])
    .refine(ids => ids.length <= MOST_IDS, `must be at most ${MOST_IDS}`),
});

export interface EscalationRoutesOptions {
  agents: readonly EscalationAgent[];
  operator: AccessCheck;
}

/** The button's side: see README.md. Only a preview and a link wait for GitLab or Freshdesk. */
export function escalationRoutes(
  app: FastifyInstance,
  { agents, operator }: EscalationRoutesOptions,
  context: EscalationContext,
): void {
  const { store, settings, freshdesk, now } = context;
  const { domain } = freshdesk;
  const { project } = settings;
  const asking = agentCheck(agents, operator);
  // Before a byte of the body is read.
  app.addHook('onRequest', async request => {
    await asking(request);
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('Cache-Control', 'no-store');
  });

  app.post('/v1/escalations', { config: { reads: { body: pressBody } } }, async (request, reply) => {
    const { ticket_id: ticket, follow = settings.follow } = parseRequest(pressBody, request.body);
    const press = { domain, ticket, project, by: await asking(request), follow, now: now() };
    const { document, isNew } = await reserve(press, store);
    return reply.code(isNew ? 202 : 200).send(await viewEscalation(store, document));
  });

  app.post('/v1/escalations/preview', { config: { reads: { body: pressBody } } }, async request => {
    const { ticket_id: ticket } = parseRequest(pressBody, request.body);
    return previewEscalation(ticket, await asking(request), context);
  });

  app.get('/v1/escalations/:id', async request => {
    const ticket = parseRequest(z.object({ id: ticketNumber }), request.params).id;
    const view = await viewTicket(store, domain, ticket);
    if (view.state === 'none') throw new SignalboxError('SBX_ESCALATION_NOT_FOUND', `ticket ${ticket}`);
    return view;
  });

  app.post('/v1/escalations/:id/link', { config: { reads: { body: linkBody } } }, async (request, reply) => {
    const ticket = parseRequest(z.object({ id: ticketNumber }), request.params).id;
    const { issue: named, follow = settings.follow } = parseRequest(linkBody, request.body);
    const { issue, warnings } = await findLinkedIssue(named, context);
    await assertTicket(ticket, context.materials);
    const press = { domain, ticket, project, by: await asking(request), follow, now: now(), issue, warnings };
    const document = await reserveLink(press, store);
    if (document === null) {
      const other = (await store.read(domain, ticket))?.issue;
      const detail = other
        ? `ticket ${ticket} belongs to ${other.project}#${other.iid}`
        : `ticket ${ticket} gets an issue`;
      throw new SignalboxError('SBX_ESCALATION_OTHER_ISSUE', detail);
    }
    return reply.code(202).send(await viewEscalation(store, document));
  });

  app.get('/v1/tickets', { config: { reads: { query: idsQuery } } }, async request => {
    const { ids } = parseRequest(idsQuery, request.query);
    const views = await Promise.all(ids.map(ticket => viewTicket(store, domain, ticket)));
    return { tickets: views.filter(view => view.state !== 'none') };
  });

  app.get('/v1/tickets/:ticket', async request => {
    const { ticket } = parseRequest(z.object({ ticket: ticketNumber }), request.params);
    return viewTicket(store, domain, ticket);
  });
}
