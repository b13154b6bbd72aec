import { notFound } from '../http/api-error.ts';
import { type Answer, type Call, idOf } from '../http/call.ts';

/** DELETE /attachments/:id: gone from its ticket or conversation, and its URL finds nothing. */
export function deleteAttachment(call: Call): Answer {
  const { world } = call;
  if (!world.files.delete(idOf(call))) throw notFound();
  for (const ticket of world.tickets.values()) {
    for (const owner of [ticket, ...ticket.conversations])
      owner.attachments = owner.attachments.filter(file => file.id !== idOf(call));
  }
  return { status: 204 };
}
