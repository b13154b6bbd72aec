import type { Effect } from '../../engine/automation.ts';
import { crashPoint } from '../../engine/crash-point.ts';
import { SignalboxError } from '../../errors.ts';
import { decide } from './decide.ts';
import type { Part } from './documents.ts';
import type { EscalationFacts } from './facts.ts';
import { findComments } from './find-ours.ts';
import type { Material } from './material.ts';
import { messageDigest } from './message-digest.ts';
import type { Performance } from './performance.ts';
import { partName } from './plan-parts.ts';
import { sumRedactions } from './redact/describe-redactions.ts';
import { renderComment } from './render-comment.ts';
import { messageShower } from './show-message.ts';

/** Writes one comment of the copy. Which messages it holds was fixed before, so it is found again by their numbers. */
export function comment(
  part: Part,
  { context, domain, ticket, key, facts, look }: Performance,
): Omit<Effect, 'summary'> {
  const { gitlab, store, materials } = context;
  const issue = facts.escalation?.issue;
  return {
    name: `comment:${partName(part)}`,
    find: async () => {
      if (!issue) return undefined;
      const [me, notes] = await Promise.all([gitlab.me(), gitlab.issues.notes(issue.project, issue.iid)]);
      const found = findComments(notes, key, me.id).find(each => each.messages.join() === part.messages.join());
      if (!found) return undefined;
      await store.saveMessages(domain, ticket, part.messages, found.note, { removed: found.removed });
      return { note: found.note };
    },
    do: async () => {
      askForAll(facts, key, context);
      const [material, files] = await Promise.all([materials.of(ticket), store.files(domain, ticket)]);
      if (!material || !issue || !facts.ticket) throw new SignalboxError('SBX_TICKET_NOT_FOUND', `ticket ${ticket}`);
      const shower = messageShower(context, material, files);
      const wanted = (facts.messages ?? []).filter(message => part.messages.includes(message.id));
      const messages = await Promise.all(wanted.map(message => shower.show(message)));
      const body = renderComment(part, messages, { key, page: facts.ticket.page });
      const write = { chain: look.chain, signal: look.signal };
      const note = await gitlab.issueTexts.createNote(
        issue.project,
        issue.iid,
        { body, internal: part.internal },
        write,
      );
      crashPoint('escalation:commented');
      const removed = sumRedactions(messages.map(message => message.removed));
      await store.saveMessages(domain, ticket, part.messages, note.id, { removed, digests: digestsOf(material) });
      return { note: note.id };
    },
  };
}

/** By which an edit is known later. */
export function digestsOf({ conversations }: Material): Map<number, string> {
  return new Map((conversations ?? []).map(each => [each.id, messageDigest(each)]));
}

/** The looks whose comments have been let through, all at once: one that stopped at each would read everything again each time. */
const letThrough = new WeakSet<EscalationFacts>();

function askForAll(facts: EscalationFacts, key: string, { pace, now }: Performance['context']): void {
  if (letThrough.has(facts)) return;
  const { actions } = decide(facts, null, now());
  pace.pass(key, actions.filter(action => action.type === 'comment').length);
  letThrough.add(facts);
}
