import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AccessCheck } from '../../access-check.ts';
import { SignalboxError } from '../../errors.ts';
import { requestUndo, type UndoContext } from './undo.ts';

const undoBody = z.strictObject({ issue: z.string().regex(/^[\w.-]+(\/[\w.-]+)+#\d+$/, 'must be as group/project#3') });

/** `POST /v1/board/undo` `{issue: "acme/appliance#1"}`: takes our last move back; 202 with the key that is due. */
export function boardRoutes(app: FastifyInstance, operator: AccessCheck, context: UndoContext): void {
  app.post('/v1/board/undo', async (request, reply) => {
    const by = await operator(request);
    const body = undoBody.safeParse(request.body);
    if (!body.success) throw new SignalboxError('SBX_REQUEST_INVALID', body.error.issues[0]?.message ?? '');
    return reply.code(202).send(await requestUndo(body.data.issue, by, context));
  });
}
