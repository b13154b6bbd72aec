import type { Look } from '../../engine/automation.ts';
import type { Person } from '../../freshdesk/client/people.ts';
import type { Conversation, Ticket } from '../../freshdesk/client/schemas.ts';
import type { EscalationContext } from './context.ts';
import {
  type EscalationDocument,
  type FileDocument,
  type MessageDocument,
  parseTicketId,
  ticketKey,
} from './documents.ts';
import type { EscalationFacts, FileFacts, MessageFacts, TicketFacts } from './facts.ts';
import { type FoundComment, findComments, isOurNote, isOurs } from './find-ours.ts';
import type { Material } from './material.ts';
import { messageDigest } from './message-digest.ts';
import { messageShower } from './show-message.ts';

/** Reads what the next step needs and no more: the ticket before the issue is made, all that was said afterwards, nothing when done. */
export async function gather(look: Look, context: EscalationContext): Promise<EscalationFacts> {
  const { store, settings, materials } = context;
  const id = parseTicketId(look.subject);
  const none: EscalationFacts = {
    escalation: null,
    settings: {
      project: settings.project,
      comments: settings.comments,
      confidential: settings.confidential,
      marks: settings.tag !== null || settings.link_field !== undefined,
    },
  };
  if (id === null || id.domain !== context.freshdesk.domain) return none;
  const document = await store.read(id.domain, id.ticket);
  if (document === null) return none;
  const facts = { ...none, escalation: shown(document) };
  const finished = document.finishedAt !== null;
  if (finished && !document.follow && !document.rebuilt) return facts;
  if (document.issue === null) {
    materials.forget(id.ticket);
    const [material, project] = await Promise.all([
      materials.readTicket(id.ticket),
      context.project(),
      // Asked now, so that the next step does not have to wait for it.
      context.gitlab.me(),
      context.freshdesk.people.me(),
    ]);
    return {
      ...facts,
      ticket: material && ticketFacts(material.ticket, context),
      project: { visible: project !== null, public: project?.visibility === 'public' },
    };
  }
  // What the look before this one has read will do; a look for another reason wants to see what is there now.
  if (finished) materials.forget(id.ticket);
  const [material, comments] = await Promise.all([materials.read(id.ticket), ourComments(document, context)]);
  if (material === null) return { ...facts, ticket: null };
  const copy = await gatherCopy(document, material, comments, context);
  const wanted = (copy.messages ?? []).filter(message => message.leftOut === null && !message.copied);
  if (!finished) messageShower(context, material, new Map()).begin(wanted.map(message => message.id));
  return { ...facts, ...copy };
}

/** Everything about a ticket that has been read, as facts. */
export async function gatherCopy(
  document: EscalationDocument,
  material: Material,
  comments: FoundComment[],
  context: EscalationContext,
): Promise<Pick<EscalationFacts, 'ticket' | 'messages' | 'files' | 'found' | 'foundNote' | 'gone' | 'edited'>> {
  const { store, freshdesk } = context;
  const { domain, ticket } = document;
  const conversations = material.conversations ?? [];
  const [me, recorded, files, people] = await Promise.all([
    freshdesk.people.me(),
    store.messages(domain, ticket),
    store.files(domain, ticket),
    authorsOf(conversations, material.ticket, context),
  ]);
  const ours = (each: Conversation) => each.id === document.note?.id || isOurNote(each, me.id, ticket);
  const all = conversations.map(
    (each): MessageFacts => ({
      id: each.id,
      at: each.created_at,
      author: people.get(each.user_id ?? 0) ?? null,
      incoming: each.incoming,
      private: each.private,
      source: each.source,
      automatic: each.auto_response === true,
      length: Math.max(each.body?.length ?? 0, each.body_text?.length ?? 0),
      leftOut:
        ours(each) || isOurs(each, me.id)
          ? 'ours'
          : each.private && context.settings.private_notes === 'omit'
            ? 'private'
            : null,
      copied: recorded.has(String(each.id)),
      edited: isEdited(each, recorded.get(String(each.id))),
    }),
  );
  const messages = document.linked ? [ticketAsMessage(material.ticket, people, recorded.has('0')), ...all] : all;
  const left = new Set(messages.filter(message => message.leftOut !== null).map(message => message.id));
  return {
    ticket: ticketFacts(material.ticket, context),
    messages,
    files: material.files.filter(file => !left.has(file.message)).map(file => fileFacts(file, files.get(file.key))),
    ...(document.follow && document.finishedAt !== null && revisions(conversations, recorded)),
    found: comments.filter(each => each.messages.some(message => !recorded.has(String(message)))),
    foundNote: document.note === null ? (conversations.find(ours)?.id ?? null) : null,
  };
}

function isEdited(conversation: Conversation, recorded: MessageDocument | undefined): boolean {
  return recorded?.digest !== undefined && recorded.digest !== messageDigest(conversation);
}

function revisions(
  conversations: readonly Conversation[],
  recorded: ReadonlyMap<string, MessageDocument>,
): Pick<EscalationFacts, 'gone' | 'edited'> {
  const there = new Map(conversations.map(each => [String(each.id), each]));
  const known = [...recorded].filter(([id, { gone }]) => id !== '0' && gone !== true);
  const revision = ([id, { note }]: [string, MessageDocument]) => ({ message: Number(id), note });
  return {
    gone: known.filter(([id]) => !there.has(id)).map(revision),
    edited: known.filter(([id, document]) => there.has(id) && isEdited(there.get(id)!, document)).map(revision),
  };
}

/** Our comments on the issue, where some may be there that are not recorded. */
async function ourComments(document: EscalationDocument, { gitlab }: EscalationContext): Promise<FoundComment[]> {
  const { issue, parts, linked, rebuilt, finishedAt, domain, ticket } = document;
  // An issue that is linked may have been linked before: a lost database has forgotten that.
  if (issue === null || !(rebuilt || ((linked || parts !== null) && finishedAt === null))) return [];
  const [me, notes] = await Promise.all([gitlab.me(), gitlab.issues.notes(issue.project, issue.iid)]);
  return findComments(notes, ticketKey(domain, ticket), me.id);
}

async function authorsOf(
  conversations: readonly Conversation[],
  ticket: Ticket,
  { freshdesk }: EscalationContext,
): Promise<Map<number, Person>> {
  const people = new Map<number, Person>();
  const { requester } = ticket;
  if (requester?.name) people.set(requester.id, { id: requester.id, name: requester.name, role: 'customer' });
  const asked = new Map(conversations.map(each => [each.user_id ?? 0, each.incoming]));
  await Promise.all(
    [...asked].map(async ([id, incoming]) => {
      if (id === 0 || people.has(id)) return;
      const person = await freshdesk.people.find(id, incoming);
      if (person !== null) people.set(id, person);
    }),
  );
  return people;
}

function shown(document: EscalationDocument): NonNullable<EscalationFacts['escalation']> {
  const { state, issue, linked, follow, note, marked, parts, described, rebuilt, finishedAt } = document;
  return { state, issue, linked, follow, note, marked, parts, described, rebuilt, finished: finishedAt !== null };
}

export function ticketFacts(ticket: Ticket, { freshdesk }: EscalationContext): TicketFacts {
  return {
    id: ticket.id,
    page: freshdesk.ticketPage(ticket.id),
    subject: ticket.subject ?? '',
    requester: ticket.requester?.name ?? null,
    company: ticket.company?.name ?? null,
    status: ticket.status,
    priority: ticket.priority,
    source: ticket.source,
    type: ticket.type ?? null,
    tags: ticket.tags ?? [],
    createdAt: ticket.created_at,
    archived: ticket.archived === true,
    unfit: ticket.spam === true ? 'spam' : ticket.deleted === true ? 'deleted' : null,
  };
}

/** For an issue that was there before: what the ticket itself says comes in a comment. */
function ticketAsMessage(ticket: Ticket, people: ReadonlyMap<number, Person>, copied: boolean): MessageFacts {
  return {
    id: 0,
    at: ticket.created_at,
    author: people.get(ticket.requester_id) ?? null,
    incoming: true,
    private: false,
    source: ticket.source,
    automatic: false,
    length: Math.max(ticket.description?.length ?? 0, ticket.description_text?.length ?? 0),
    leftOut: null,
    copied,
    edited: false,
  };
}

function fileFacts(file: Material['files'][number], result: FileDocument | undefined): FileFacts {
  const { key, name, size, message, inline } = file;
  return { key, name, size, message, inline, result: result ?? null };
}
