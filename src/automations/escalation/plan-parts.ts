import type { Part } from './documents.ts';
import type { MessageFacts } from './facts.ts';

/** One comment of GitLab takes a million characters; escaping can double a text, and people have to load it. */
const LARGEST_PART = 250_000;
const MOST_MESSAGES = 100;

/**
 * How messages are spread over comments. Few: a comment each, in order. Many: packed, because each comment is a mail to everybody who
 * follows the issue. A confidential issue is seen by the same people as internal comments, so there a pack with a private message in it
 * is internal as a whole, and the order stays; elsewhere private messages get packs of their own.
 */
export function planParts(
  messages: readonly MessageFacts[],
  { singles, confidential }: { singles: number; confidential: boolean },
): Part[] {
  if (messages.length <= singles) {
    return messages.map(message => ({ messages: [message.id], internal: message.private }));
  }
  const packs = confidential
    ? pack(messages)
    : [...pack(messages.filter(message => !message.private)), ...pack(messages.filter(message => message.private))];
  return packs.map(those => ({
    messages: those.map(message => message.id),
    internal: those.some(message => message.private),
  }));
}

function pack(messages: readonly MessageFacts[]): MessageFacts[][] {
  const packs: { those: MessageFacts[]; length: number }[] = [];
  for (const message of messages) {
    const last = packs.at(-1);
    if (last && last.those.length < MOST_MESSAGES && last.length + message.length <= LARGEST_PART) {
      last.those.push(message);
      last.length += message.length;
    } else packs.push({ those: [message], length: message.length });
  }
  return packs.map(each => each.those);
}

/** The same for the same part, also after a crash: by it, a comment is found again. */
export function partName({ messages, internal }: Part): string {
  const range = messages.length === 1 ? `${messages[0]}` : `${messages[0]}-${messages.at(-1)}`;
  return `${range}${internal ? '-internal' : ''}`;
}
