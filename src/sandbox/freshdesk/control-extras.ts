import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { webhookOptions } from './seed/seed-options.ts';
import { addConversation, addFile } from './state/add.ts';
import { newId, type World } from './state/world.ts';
import { publish } from './webhooks/publish.ts';

const clockOptions = z.strictObject({ advance_s: z.number() });

const mailOptions = z.strictObject({
  ticket_id: z.int(),
  body: z.string(),
  attachments: z.array(z.strictObject({ name: z.string(), content: z.string().default('') })).default([]),
});

/**
 * What only a simulated Freshdesk needs: `POST clock` moves its time on, `POST webhooks` adds an automation rule (Freshdesk
 * has no API for them), `GET deliveries` tells what became of the webhooks, `POST mail` is a customer who writes.
 * False = not one of these.
 */
export async function answerExtra(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<boolean> {
  const handler = EXTRAS[`${request.method} ${url.pathname.slice('/_sandbox/'.length)}`];
  if (handler === undefined) return false;
  try {
    const [status, body] = handler(world, request.method === 'GET' ? {} : await json(request));
    reply(status, body);
  } catch (error) {
    if (error instanceof z.ZodError) reply(400, { error: z.prettifyError(error) });
    else if (error instanceof SyntaxError) reply(400, { error: 'The body is not JSON' });
    else throw error;
  }
  return true;

  function reply(status: number, body: unknown): void {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  }
}

const EXTRAS: Record<string, (world: World, given: unknown) => [status: number, body: unknown]> = {
  'POST clock': (world, given) => {
    world.skewMs += clockOptions.parse(given).advance_s * 1000;
    return [200, { now: new Date(world.now()).toISOString() }];
  },
  'POST webhooks': (world, given) => {
    const webhook = { id: newId(world), ...webhookOptions.parse(given) };
    world.webhooks.set(webhook.id, webhook);
    return [201, { id: webhook.id }];
  },
  'GET deliveries': world => [200, world.deliveries],
  'POST mail': (world, given) => {
    const { ticket_id, body, attachments } = mailOptions.parse(given);
    const ticket = world.tickets.get(ticket_id);
    const requester = ticket === undefined ? undefined : world.contacts.get(ticket.requesterId);
    if (ticket === undefined || requester === undefined) return [404, { error: `There is no ticket ${ticket_id}` }];
    const mail = addConversation(world, ticket, {
      body,
      userId: requester.id,
      incoming: true,
      private: false,
      source: 0,
      supportEmail: 'support@acme.freshdesk.com',
      fromEmail: `${requester.name} <${requester.email}>`,
      toEmails: ['support@acme.freshdesk.com'],
      attachments: attachments.map(({ name, content }) => {
        const bytes = Buffer.from(content);
        return addFile(world, { name, contentType: 'text/plain', content: { bytes }, size: bytes.length });
      }),
    });
    publish(world, ticket, 'reply_received', '{reply_sent:received}');
    return [201, { id: mail.id }];
  },
};
