import { notAllowed, validationFailed } from '../http/api-error.ts';
import type { Answer, Call } from '../http/call.ts';
import { checkInput, flag, integer, text, texts } from '../http/input.ts';
import { paginate } from '../http/paginate.ts';
import { conversation as present } from '../present/conversation.ts';
import { cleanHtml } from '../present/plain-text.ts';
import { addConversation, addUploads } from '../state/add.ts';
import { changeableTicketOf, conversationOf, ticketOf } from '../state/find.ts';
import type { TicketRecord } from '../state/records.ts';
import { publish } from '../webhooks/publish.ts';

/** All attachments of a ticket together, in bytes. */
const ATTACHMENTS_LIMIT = 20 * 1024 * 1024;

export function listConversations(call: Call): Answer {
  return list(call, ticketOf(call));
}

export function listArchivedConversations(call: Call): Answer {
  return list(call, ticketOf(call, true));
}

function list(call: Call, ticket: TicketRecord): Answer {
  const { page, headers } = paginate(ticket.conversations, call.url, call.world.baseUrl);
  return { status: 200, body: page.map(item => present(call.world, item)), headers };
}

/** POST /tickets/:id/notes: private unless told; `incoming` and `user_id` make it somebody else's. */
export function createNote(call: Call): Answer {
  const { world } = call;
  const ticket = changeableTicketOf(call);
  checkInput(
    call,
    {
      body: 'String',
      private: 'Boolean',
      incoming: 'Boolean',
      notify_emails: 'Array',
      user_id: 'Positive Integer',
      attachments: 'Array',
    },
    ['body'],
  );
  const userId = integer(call, 'user_id') ?? call.agent.id;
  if (!world.agents.has(userId) && !world.contacts.has(userId))
    throw validationFailed([
      { field: 'user_id', message: 'There is no contact matching the given user_id', code: 'invalid_value' },
    ]);
  checkSize(call, ticket);
  const incoming = flag(call, 'incoming') ?? false;
  const isPrivate = flag(call, 'private') ?? true;
  const note = addConversation(world, ticket, {
    body: cleanHtml(text(call, 'body') ?? ''),
    userId,
    incoming,
    private: isPrivate,
    toEmails: texts(call, 'notify_emails') ?? [],
    attachments: addUploads(world, call.files),
  });
  publish(world, ticket, 'note_added', `{note_type:${isPrivate ? 'private' : 'public'}}`);
  return {
    status: 201,
    body: present(world, note),
    headers: { Location: `${world.baseUrl}/api/v2/conversations/${note.id}` },
  };
}

/** POST /tickets/:id/reply: a public answer to the requester. */
export function createReply(call: Call): Answer {
  const { world } = call;
  const ticket = changeableTicketOf(call);
  checkInput(
    call,
    {
      body: 'String',
      from_email: 'String',
      user_id: 'Positive Integer',
      cc_emails: 'Array',
      bcc_emails: 'Array',
      attachments: 'Array',
    },
    ['body'],
  );
  checkSize(call, ticket);
  const requester = world.contacts.get(ticket.requesterId);
  const reply = addConversation(world, ticket, {
    body: cleanHtml(text(call, 'body') ?? ''),
    userId: call.agent.id,
    private: false,
    source: 0,
    supportEmail: 'support@acme.freshdesk.com',
    fromEmail: `${call.agent.name} <support@acme.freshdesk.com>`,
    toEmails: requester === undefined ? [] : [requester.email],
    ccEmails: texts(call, 'cc_emails') ?? [],
    attachments: addUploads(world, call.files),
  });
  publish(world, ticket, 'reply_sent', '{reply_sent:sent}');
  return { status: 201, body: present(world, reply) };
}

/** PUT /conversations/:id: notes only, replies have left the house. */
export function updateConversation(call: Call): Answer {
  const { world } = call;
  const { ticket, conversation } = conversationOf(call);
  if (conversation.source !== 2 || ticket.spam || ticket.deleted) throw notAllowed(call.method, ['DELETE']);
  checkInput(call, { body: 'String', attachments: 'Array' }, call.files.length > 0 ? [] : ['body']);
  checkSize(call, ticket);
  const body = text(call, 'body');
  if (body !== undefined) conversation.body = cleanHtml(body);
  conversation.attachments.push(...addUploads(world, call.files));
  conversation.updatedAt = world.now();
  conversation.lastEditedAt = world.now();
  conversation.lastEditedUserId = call.agent.id;
  ticket.updatedAt = world.now();
  return { status: 200, body: present(world, conversation) };
}

export function deleteConversation(call: Call): Answer {
  const { ticket, conversation } = conversationOf(call);
  ticket.conversations = ticket.conversations.filter(item => item !== conversation);
  return { status: 204 };
}

function checkSize(call: Call, ticket: TicketRecord): void {
  const size = call.files.reduce((sum, file) => sum + file.content.length, 0);
  const have = [ticket, ...ticket.conversations].flatMap(item => item.attachments);
  if (size === 0 || size + have.reduce((sum, file) => sum + file.size, 0) <= ATTACHMENTS_LIMIT) return;
  throw validationFailed([
    { field: 'attachments', message: 'Invalid file size. It should not exceed 20 MB', code: 'invalid_size' },
  ]);
}
