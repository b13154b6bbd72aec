import type { UploadedFile } from '../../http/multipart.ts';
import type { Content, ConversationRecord, FileRecord, TicketRecord } from './records.ts';
import { newId, type World } from './world.ts';

/** A file of the account; the caller puts it where it belongs. */
export function addFile(
  world: World,
  given: { name: string; contentType: string; content: Content; size: number; at?: number; inline?: boolean },
): FileRecord {
  const { name, contentType, content, size, at = world.now(), inline = false } = given;
  const file = { id: newId(world), name, contentType, content, size, createdAt: at, updatedAt: at, inline };
  world.files.set(file.id, file);
  return file;
}

export function addUploads(world: World, files: readonly UploadedFile[]): FileRecord[] {
  return files.map(({ filename: name, contentType, content }) =>
    addFile(world, { name, contentType, content: { bytes: content }, size: content.length }),
  );
}

/** A conversation at the end of a ticket; a private note of the user unless told. */
export function addConversation(
  world: World,
  ticket: TicketRecord,
  given: Pick<ConversationRecord, 'body' | 'userId'> & Partial<ConversationRecord>,
): ConversationRecord {
  const at = given.createdAt ?? world.now();
  const conversation: ConversationRecord = {
    id: newId(world),
    ticketId: ticket.id,
    incoming: false,
    private: true,
    source: 2,
    supportEmail: null,
    fromEmail: null,
    toEmails: [],
    ccEmails: [],
    attachments: [],
    createdAt: at,
    updatedAt: at,
    lastEditedAt: null,
    lastEditedUserId: null,
    autoResponse: false,
    ...given,
  };
  ticket.conversations.push(conversation);
  ticket.updatedAt = Math.max(ticket.updatedAt, at);
  return conversation;
}

/** A ticket with the next number: open, by mail, of the requester. */
export function addTicket(
  world: World,
  given: Pick<TicketRecord, 'subject' | 'description' | 'requesterId'> & Partial<TicketRecord>,
): TicketRecord {
  const at = given.createdAt ?? world.now();
  const ticket: TicketRecord = {
    id: world.nextTicketId++,
    status: 2,
    priority: 1,
    source: 1,
    type: null,
    tags: [],
    customFields: { cf_product: null, cf_dev_status: null },
    ccEmails: [],
    toEmails: null,
    groupId: null,
    responderId: null,
    companyId: world.contacts.get(given.requesterId)?.companyId ?? null,
    productId: null,
    spam: false,
    deleted: false,
    archived: false,
    attachments: [],
    conversations: [],
    createdAt: at,
    updatedAt: at,
    statusUpdatedAt: at,
    resolvedAt: null,
    closedAt: null,
    ...given,
  };
  world.tickets.set(ticket.id, ticket);
  return ticket;
}
