import { SignalboxError } from '../../errors.ts';
import type { EscalationContext } from './context.ts';
import { type EscalationDocument, ticketId } from './documents.ts';
import { isOurNote } from './find-ours.ts';
import { NO_NOTE } from './perform-note.ts';
import { noteDigest, renderNote } from './render-note.ts';

type NoteContext = Pick<EscalationContext, 'freshdesk' | 'store' | 'log'>;

/** What our note on a ticket has to say now; null where there is none. */
export function wantedNote({
  ticket,
  issue,
  note,
  warnings,
  noteLines: lines = [],
}: EscalationDocument): string | null {
  return issue === null || note === null || note.id === NO_NOTE ? null : renderNote({ ticket, issue, warnings, lines });
}

/** Whether the note says that already, as far as we know. */
export function isNoteShown(document: EscalationDocument): boolean {
  const html = wantedNote(document);
  return html === null || noteDigest(html) === document.note?.digest;
}

const running = new Map<string, Promise<void>>();

/**
 * Edits our note on the ticket where it says something else than it should. The one place where it is written anew: the copy and the
 * return path both have something to say in it, so it is read afresh, and one edit waits for the other.
 */
export function editNote(domain: string, ticket: number, context: NoteContext, signal: AbortSignal): Promise<void> {
  const id = ticketId(domain, ticket);
  const next = (running.get(id) ?? Promise.resolve())
    .catch(() => undefined)
    .then(() => edit(domain, ticket, context, signal));
  running.set(id, next);
  return next.finally(() => {
    if (running.get(id) === next) running.delete(id);
  });
}

async function edit(domain: string, ticket: number, context: NoteContext, signal: AbortSignal): Promise<void> {
  const { freshdesk, store, log } = context;
  const document = await store.read(domain, ticket);
  const html = document && wantedNote(document);
  if (!html || !document.note || isNoteShown(document)) return;
  const { id } = document.note;
  try {
    await freshdesk.tickets.editNote(id, html, signal);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // Somebody has deleted the note.
    if (error.remoteStatus === 404) return putAgain(document, html, context, signal);
    // The ticket takes no changes: the issue is complete all the same.
    log.warn('the note on a ticket could not be edited', { ticket, detail: error.detail });
  }
  await store.change(domain, ticket, () => ({ note: { id, digest: noteDigest(html) } }));
}

/** A new note in place of one that is gone, unless that was put there already and only not recorded. A ticket that takes none is told. */
async function putAgain(
  { domain, ticket, note: gone }: EscalationDocument,
  html: string,
  { freshdesk: { tickets, people }, store }: NoteContext,
  signal: AbortSignal,
): Promise<void> {
  const [me, conversations] = await Promise.all([people.me(), tickets.conversations(ticket, false)]);
  const there = conversations.find(each => each.id !== gone?.id && isOurNote(each, me.id, ticket));
  try {
    const { id } = there
      ? await tickets.editNote(there.id, html, signal)
      : await tickets.createNote(ticket, html, signal);
    await store.change(domain, ticket, () => ({ note: { id, digest: noteDigest(html) } }));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const warning = `The link could not be put on the ticket again: ${error.detail}`;
    await store.change(domain, ticket, ({ warnings, state }) => ({
      note: { id: NO_NOTE, digest: '' },
      warnings: [...new Set([...warnings, warning])],
      state: state === 'done' ? 'done_with_warnings' : state,
    }));
  }
}

function isRefusal(error: unknown): error is SignalboxError {
  return error instanceof SignalboxError && error.code === 'SBX_REMOTE_REFUSED';
}
