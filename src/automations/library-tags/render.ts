import type { CommitFact, MergeRequestFact } from './snapshot.ts';

/** A tag object is copied to every clone forever, so it has an end; GitLab takes descriptions of up to 1 MiB. */
const MAX_BYTES = 256 * 1024;
const EXCERPT = 1_000;
const GENERATED_SUBJECT = /^Merge (?:branch|remote-tracking branch|commit|tag|pull request) /;
// With one of these lines git would take the rest of the message for a signature of the tag (gpg-interface.c).
const SIGNATURE = /^(?=-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SIGNED MESSAGE|SSH SIGNATURE)-----)/gm;
const CONTROL = /[^\P{Cc}\n\r\t]/gu;
const HTML_COMMENT = /<!--[\s\S]*?(?:-->|$)/g;

/**
 * The message of a tag: the commit's message, byte for byte but for what `normalizeMessage` does. For the merge commit of a
 * merge request its title, reference and the beginning of its description are there as well; the title comes first
 * where the commit's own subject is a generated "Merge branch …", which tells nobody what changed.
 */
export function renderTagMessage(
  tag: string,
  commit: Pick<CommitFact, 'message' | 'parents'>,
  mergeRequest: MergeRequestFact | null = null,
): string {
  const message =
    commit.parents.length > 1 && mergeRequest ? withMergeRequest(commit.message, mergeRequest) : commit.message;
  return normalizeMessage(message, tag);
}

function withMergeRequest(message: string, mergeRequest: MergeRequestFact): string {
  const title = mergeRequest.title.replace(/\s+/g, ' ').trim();
  const generated = GENERATED_SUBJECT.test(message) || message.trim() === '';
  const parts = generated ? [title, message.trimEnd()] : [message.trimEnd()];
  const text = (): string => parts.join('\n\n');
  if (title !== '' && !text().includes(title)) parts.push(title);
  const excerpt = excerptOf(mergeRequest.description);
  if (excerpt !== '' && !text().includes(excerpt)) parts.push(excerpt);
  if (!mentions(text(), mergeRequest.reference)) parts.push(`See merge request ${mergeRequest.reference}`);
  return `${parts.filter(part => part !== '').join('\n\n')}\n`;
}

/** Whether the reference is there as a whole: acme/lib!1 is not in acme/lib!12. */
function mentions(text: string, reference: string): boolean {
  for (let at = text.indexOf(reference); at >= 0; at = text.indexOf(reference, at + 1)) {
    if (!/[0-9]/.test(text[at + reference.length] ?? '')) return true;
  }
  return false;
}

function excerptOf(description: string): string {
  const text = description
    .replace(HTML_COMMENT, '')
    .replace(/\r\n?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  if (text.length <= EXCERPT) return text;
  const start = text.slice(0, EXCERPT).replace(/[\uD800-\uDBFF]$/, '');
  const end = Math.max(start.lastIndexOf('\n\n'), start.lastIndexOf(' '));
  return `${start.slice(0, end > EXCERPT / 2 ? end : start.length).trimEnd()} …`;
}

/**
 * What is not kept of a message, and nothing else: control characters other than tab, newline and carriage return (a tag
 * is printed to terminals); white space at the very end becomes one newline; a line that begins a signature gets a
 * space before it; what is beyond 256 KiB is cut off, with a line that says so; an empty message becomes the tag's
 * name, because GitLab's API makes a lightweight tag of an empty one. `#` lines, CRLF, blank lines and `$(…)` stay.
 */
export function normalizeMessage(message: string, tag: string): string {
  const text = `${message.replace(CONTROL, '').trimEnd()}\n`.replace(SIGNATURE, ' ');
  if (text === '\n') return `${tag}\n`;
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_BYTES) return bytes.toString();
  let end = MAX_BYTES;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return `${bytes.toString('utf8', 0, end).trimEnd()}\n\n[cut off: the message has ${bytes.length} bytes]\n`;
}
