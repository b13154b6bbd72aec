import type { Effect } from '../../engine/automation.ts';
import { crashPoint } from '../../engine/crash-point.ts';
import { SignalboxError } from '../../errors.ts';
import type { EscalationDocument } from './documents.ts';
import { isOurNote } from './find-ours.ts';
import type { Performance } from './performance.ts';
import { noteDigest, renderNote } from './render-note.ts';

/** Instead of a note's number where Freshdesk takes none. */
export const NO_NOTE = 0;

/** Puts our one note on the ticket. A ticket that takes no notes is escalated all the same. */
export function putNote({ context, domain, ticket, look }: Performance): Omit<Effect, 'summary'> {
  const { freshdesk, store } = context;
  const record = async (id: number, digest: string) => {
    await store.change(domain, ticket, () => ({ note: { id, digest } }));
    return { note: id };
  };
  const find = async () => {
    const [me, conversations] = await Promise.all([
      freshdesk.people.me(),
      freshdesk.tickets.conversations(ticket, false),
    ]);
    const note = conversations.find(each => isOurNote(each, me.id, ticket));
    return note && record(note.id, '');
  };
  return {
    name: 'note',
    find,
    do: async () => {
      const document = await store.read(domain, ticket);
      if (!document?.issue) return null;
      // The issue was there before: so may the note be, or it was found together with it.
      const before = document.note ? { note: document.note.id } : document.rebuilt ? await find() : undefined;
      if (before) return before;
      const html = renderNote({ ticket, issue: document.issue, warnings: [] });
      try {
        const { id } = await freshdesk.tickets.createNote(ticket, html, look.signal);
        crashPoint('escalation:noted');
        return await record(id, noteDigest(html));
      } catch (error) {
        const warning = refusal(error, 'The link could not be put on the ticket');
        await store.change(domain, ticket, current => ({
          note: { id: NO_NOTE, digest: '' },
          ...warned(current, warning),
        }));
        return { refused: warning };
      }
    },
  };
}

/** Tag and field, softly: Freshdesk checks the whole ticket form with them, and may refuse because of something else. */
export async function mark({ context, domain, ticket, facts, look }: Performance): Promise<void> {
  const { freshdesk, store, settings } = context;
  const document = await store.read(domain, ticket);
  const { tag, link_field: field } = settings;
  const tags = facts.ticket?.tags ?? [];
  const changes = {
    ...(tag !== null && !tags.includes(tag) && { tags: [...tags, tag] }),
    ...(field !== undefined && { custom_fields: { [field]: document?.issue?.url ?? '' } }),
  };
  if (Object.keys(changes).length > 0) {
    try {
      await freshdesk.tickets.update(ticket, changes, look.signal);
    } catch (error) {
      const warning = refusal(error, 'The ticket could not be marked with tag or field');
      await store.change(domain, ticket, current => ({ marked: 'refused', ...warned(current, warning) }));
      return;
    }
  }
  await store.change(domain, ticket, () => ({ marked: 'done' }));
}

/** Records what an earlier look, or an earlier database, has written. */
export async function takeUp({ context, domain, ticket, facts }: Performance): Promise<void> {
  const { store } = context;
  for (const { messages, note, removed } of facts.found ?? [])
    await store.saveMessages(domain, ticket, messages, note, { removed });
  const { foundNote } = facts;
  await store.change(domain, ticket, current => ({
    rebuilt: false,
    ...(current.note === null && foundNote != null && { note: { id: foundNote, digest: '' } }),
  }));
}

/** A refusal in one sentence for people; throws what is none. */
function refusal(error: unknown, what: string): string {
  if (!(error instanceof SignalboxError) || error.code !== 'SBX_REMOTE_REFUSED') throw error;
  return `${what}: ${error.detail}`;
}

function warned(current: EscalationDocument, warning: string): { warnings: string[] } {
  return { warnings: [...new Set([...current.warnings, warning])] };
}
