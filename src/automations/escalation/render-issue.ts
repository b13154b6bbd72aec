import type { Redaction } from '../../freshdesk/mail/mail-converter.ts';
import { inlineText } from '../../gitlab/text/inline-text.ts';
import { link } from '../../gitlab/text/link.ts';
import { blocks, inline, type Markdown, markdown } from '../../gitlab/text/markdown.ts';
import { marker } from '../../gitlab/text/marker.ts';
import { table } from '../../gitlab/text/table.ts';
import { titleText } from '../../gitlab/text/title-text.ts';
import type { TicketFacts } from './facts.ts';
import { MARKER } from './find-ours.ts';
import { describeRedactions } from './redact/describe-redactions.ts';
import { fileText, renderFiles, type ShownFile, type ShownMessage, textBlocks } from './render-comment.ts';
import { priorityWord, statusWord, timeWord } from './words.ts';

export interface IssueText {
  key: string;
  ticket: TicketFacts;
  requestedBy: string;
  /** What the customer wrote first. */
  body: Omit<ShownMessage, 'message'>;
  /** Null while it is being copied. */
  complete: Completeness | null;
}

/** What was copied, as the last lines say it. */
export interface Completeness {
  messages: { copied: number; all: number; leftOut: number };
  files: (ShownFile & { from: string })[];
  /** Secrets that were taken out of all of it. */
  removed: readonly Redaction[];
}

/** More than the plain text of a mail that is too large to be converted; GitLab takes 1,048,576, and the table comes on top. */
const LARGEST = 920_000;
/** More files than this are in the comments; a table of all would be longer than the text. */
const MOST_ROWS = 200;

export function renderTitle(ticket: Pick<TicketFacts, 'id'>, subject: string): string {
  return titleText(subject, { blank: `Freshdesk ticket ${ticket.id}` });
}

export function renderIssue({ key, ticket, requestedBy, body, complete }: IssueText): string {
  const text = blocks(...textBlocks(body), renderFiles(body.files));
  const shown = text.length > LARGEST ? markdown`_The text is too long for an issue; it is in Freshdesk._` : text;
  const fields = complete === null ? { state: 'running' } : { state: 'complete' };
  return blocks(
    markdown`Escalated from Freshdesk ticket ${link(`#${ticket.id}`, ticket.page)} by ${inlineText(requestedBy)}.`,
    about(ticket),
    markdown`---`,
    shown,
    markdown`---`,
    complete === null ? markdown`_Messages and files are being copied._` : completeness(complete),
    marker({ kind: MARKER.issue, key, fields }),
  );
}

function about(ticket: TicketFacts): Markdown {
  const cells: [string, string | null][] = [
    ['Customer', ticket.requester],
    ['Company', ticket.company],
    ['Type', ticket.type],
    ['Priority', priorityWord(ticket.priority)],
    ['Status', statusWord(ticket.status)],
    ['Opened', timeWord(ticket.createdAt)],
  ];
  const known = cells.filter((cell): cell is [string, string] => cell[1] !== null && cell[1] !== '');
  return table(
    known.map(([name]) => inlineText(name)),
    [known.map(([, value]) => inlineText(value))],
  );
}

function completeness({ messages, files, removed }: Completeness): Markdown {
  const copied = files.filter(file => file.result?.state === 'copied');
  const left = messages.leftOut === 0 ? inline`` : inline` (${messages.leftOut} private left out)`;
  const secrets =
    removed.length === 0 ? inline`` : inline` Removed before copying: ${inlineText(describeRedactions(removed))}.`;
  const line = markdown`**${messages.copied}/${messages.all} messages**${left}, **${copied.length}/${files.length} files** copied.${secrets}`;
  if (files.length === 0) return line;
  const header = [inline`File`, inline`From`, inline`SHA-256`];
  const rows = files.slice(0, MOST_ROWS).map(file => {
    const digest = file.result?.state === 'copied' ? inlineText(file.result.sha256.slice(0, 12)) : inline``;
    return [fileText(file), inlineText(file.from), digest];
  });
  const rest = files.length - MOST_ROWS;
  return blocks(table(header, rows), rest > 0 ? markdown`… and ${rest} more, in the comments.` : markdown``, line);
}

/** The sentences for people about what did not go as it should. */
export function warningsOf(files: readonly ShownFile[]): string[] {
  return files.flatMap(({ name, result }) =>
    result?.state === 'not copied' ? [`${name} was not copied: ${result.reason}.`] : [],
  );
}
