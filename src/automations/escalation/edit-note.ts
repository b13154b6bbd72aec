import { SignalboxError } from '../../errors.ts';
import type { EscalationContext } from './context.ts';
import type { EscalationDocument } from './documents.ts';
import { NO_NOTE } from './perform-note.ts';
import { noteDigest, renderNote } from './render-note.ts';

/** Edits our note on the ticket where it says something else than it should. The one place where it is written anew. */
export async function editNote(
  document: EscalationDocument,
  { freshdesk, store, log }: Pick<EscalationContext, 'freshdesk' | 'store' | 'log'>,
  signal: AbortSignal,
): Promise<void> {
  const { domain, ticket, issue, note, warnings, noteLines: lines = [] } = document;
  if (issue === null || note === null || note.id === NO_NOTE) return;
  const html = renderNote({ ticket, issue, warnings, lines });
  if (noteDigest(html) === note.digest) return;
  try {
    await freshdesk.tickets.editNote(note.id, html, signal);
  } catch (error) {
    // Somebody has removed the note, or the ticket takes no changes: the issue is complete all the same.
    if (!(error instanceof SignalboxError) || error.code !== 'SBX_REMOTE_REFUSED') throw error;
    log.warn('the note on a ticket could not be edited', { ticket, detail: error.detail });
  }
  await store.change(domain, ticket, () => ({ note: { id: note.id, digest: noteDigest(html) } }));
}
