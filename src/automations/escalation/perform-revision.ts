import { SignalboxError } from '../../errors.ts';
import type { Part } from './documents.ts';
import { digestsOf } from './perform-comment.ts';
import type { Performance } from './performance.ts';
import { sumRedactions } from './redact/describe-redactions.ts';
import { renderComment } from './render-comment.ts';
import { messageShower } from './show-message.ts';

export interface CommentRevision {
  part: Part;
  note: number;
  edited: readonly number[];
  gone: readonly number[];
}

/**
 * Writes a comment anew because its messages are not what they were: the new text with a word about it, and of a deleted message
 * nothing but that. What somebody has taken back in Freshdesk does not stay in GitLab.
 */
export async function revise({ part, note, edited, gone }: CommentRevision, performance: Performance): Promise<void> {
  const { context, domain, ticket, key, facts, look } = performance;
  const { gitlab, store, materials } = context;
  const issue = facts.escalation?.issue;
  const [material, files, recorded] = await Promise.all([
    materials.of(ticket),
    store.files(domain, ticket),
    store.messages(domain, ticket),
  ]);
  if (!material || !issue || !facts.ticket) return;
  const shower = messageShower(context, material, files);
  const wanted = (facts.messages ?? []).filter(message => part.messages.includes(message.id));
  const messages = await Promise.all(wanted.map(message => shower.show(message)));
  const lost = new Set(part.messages.filter(id => gone.includes(id) || recorded.get(String(id))?.gone === true));
  const body = renderComment(part, messages, {
    key,
    page: facts.ticket.page,
    edited: new Set(edited),
    gone: lost.size,
  });
  const write = { chain: look.chain, signal: look.signal };
  try {
    await gitlab.issueTexts.editNote(issue.project, issue.iid, note, body, write);
  } catch (error) {
    if (!(error instanceof SignalboxError) || error.code !== 'SBX_REMOTE_REFUSED') throw error;
    context.log.warn('a comment could not be revised', { ticket, note, detail: error.detail });
  }
  const removed = sumRedactions(messages.map(message => message.removed));
  await store.saveMessages(domain, ticket, part.messages, note, { removed, digests: digestsOf(material), gone: lost });
}
