import type { Redaction } from '../../freshdesk/mail/mail-converter.ts';
import { details } from '../../gitlab/text/details.ts';
import { inlineText } from '../../gitlab/text/inline-text.ts';
import { link } from '../../gitlab/text/link.ts';
import { blocks, inline, type Markdown, markdown } from '../../gitlab/text/markdown.ts';
import { marker } from '../../gitlab/text/marker.ts';
import { uploadLink } from '../../gitlab/text/upload-link.ts';
import type { FileDocument, Part } from './documents.ts';
import type { MessageFacts } from './facts.ts';
import { MARKER } from './find-ours.ts';
import { describeRedactions, sumRedactions } from './redact/describe-redactions.ts';
import { sizeWord, timeWord, viaWord } from './words.ts';

/** A message whose mail has been converted, with what became of its files. */
export interface ShownMessage {
  message: MessageFacts;
  text: Markdown;
  quoted: Markdown | null;
  /** Why the text is shown as plain text. */
  fallback: string | null;
  files: ShownFile[];
  /** Secrets that were taken out. */
  removed: readonly Redaction[];
}

export interface ShownFile {
  name: string;
  size: number | null;
  inline: boolean;
  /** Null in a preview. */
  result: FileDocument | null;
}

/** GitLab takes a million characters. */
const LARGEST = 950_000;

interface CommentContext {
  key: string;
  page: string;
  /** Messages that were edited since they were copied. */
  edited?: ReadonlySet<number>;
  /** How many of the part are not there any more. */
  gone?: number;
}

/** One comment: a message, or several under one another, each with who said it and when. */
export function renderComment(
  part: Part,
  messages: readonly ShownMessage[],
  { key, page, edited = new Set(), gone = 0 }: CommentContext,
): string {
  const many = messages.length > 1;
  const head = many
    ? markdown`**${messages.length} messages** of ${link('the ticket', page)}, ${timeOf(messages.at(0))} to ${timeOf(messages.at(-1))}`
    : markdown``;
  const removed = sumRedactions(messages.map(message => message.removed));
  const mark = marker({
    kind: MARKER.comment,
    key,
    fields: {
      messages: part.messages.join('.'),
      ...(removed.length > 0 && { removed: removed.map(({ rule, count }) => `${rule}=${count}`).join(',') }),
    },
  });
  const lost =
    gone === 1
      ? markdown`_A message was deleted in Freshdesk._`
      : markdown`_${gone} messages were deleted in Freshdesk._`;
  const bodies = [
    ...messages.map(message => renderMessage(message, page, edited.has(message.message.id))),
    ...(gone === 0 ? [] : [lost]),
  ];
  const body = blocks(
    head,
    ...bodies.flatMap((each, index) => (index === 0 && !many ? [each] : [markdown`---`, each])),
  );
  return blocks(cutTo(body, bodies, many ? head : null), mark);
}

/** What does not fit is left in Freshdesk, and that is said. */
function cutTo(body: Markdown, bodies: readonly Markdown[], head: Markdown | null): Markdown {
  if (body.length <= LARGEST) return body;
  const kept: Markdown[] = head === null ? [] : [head];
  let length = 0;
  for (const each of bodies) {
    length += each.length + 10;
    if (length > LARGEST) break;
    kept.push(markdown`---`, each);
  }
  return blocks(...kept, markdown`_The rest is too long for a comment; it is in Freshdesk._`);
}

export function renderMessage(
  { message, text, quoted, fallback, files, removed }: ShownMessage,
  page: string,
  edited = false,
): Markdown {
  const who = message.author?.name ?? (message.incoming ? 'A customer' : 'An agent');
  const role = message.author?.role ?? (message.incoming ? 'customer' : 'agent');
  const at = inlineText(timeWord(message.at));
  const automatic = message.automatic ? inline` (automatic)` : inline``;
  const head = inline`**${inlineText(who)}** (${inlineText(role)}) via ${inlineText(viaWord(message))}${automatic}, ${at}${edited ? inline` (edited)` : inline``}, ${link('view', page)}`;
  return blocks(head, ...textBlocks({ text, quoted, fallback, removed }), renderFiles(files));
}

export function textBlocks({ text, quoted, fallback, removed }: Omit<ShownMessage, 'message' | 'files'>): Markdown[] {
  return [
    text,
    ...(fallback === null ? [] : [markdown`_Shown as plain text: its HTML is ${inlineText(fallback)}._`]),
    ...(quoted === null ? [] : [details('Quoted text', quoted)]),
    ...(removed.length === 0 ? [] : [markdown`_Removed: ${inlineText(describeRedactions(removed))}._`]),
  ];
}

/** Attached files in one line each; inline images stand in the text already, unless they could not be copied. */
export function renderFiles(files: readonly ShownFile[]): Markdown {
  const listed = files.filter(file => !file.inline || file.result?.state === 'not copied');
  if (listed.length === 0) return markdown``;
  return markdown`${listed.map(file => markdown`- ${fileText(file)}`).reduce((all, each) => markdown`${all}\n${each}`)}`;
}

export function fileText({ name, size, result }: ShownFile) {
  if (result?.state === 'copied') {
    return inline`${uploadLink(result.name, result.url)} (${inlineText(sizeWord(result.size))})`;
  }
  const told = inline`${inlineText(name)} (${inlineText(sizeWord(size))})`;
  return result?.state === 'not copied' ? inline`${told} was not copied: ${inlineText(result.reason)}` : told;
}

function timeOf(shown: ShownMessage | undefined) {
  return inlineText(timeWord(shown?.message.at ?? ''));
}
