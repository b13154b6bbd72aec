import { createHash } from 'node:crypto';
import { codeSpan } from '../../gitlab/text/code-span.ts';
import { inlineText } from '../../gitlab/text/inline-text.ts';
import { blocks, type InlineMarkdown, inline, type Markdown, markdown } from '../../gitlab/text/markdown.ts';
import { table } from '../../gitlab/text/table.ts';
import type { RaceSituation, SeenRow } from './facts.ts';
import { redact } from './redact.ts';
import { type StatusFields, statusMarkers } from './status-block.ts';

/** What the status block shows, in short: when this is the same, there is nothing to edit. */
export function statusState(facts: RaceSituation): string {
  const { view, human, suppression } = facts;
  const { rows, count, variants, attached } = view;
  return stateOf([rows, count, variants, attached, human, suppression]);
}

/** The same of the day's comment. */
export function noteState(facts: RaceSituation): string {
  return stateOf(facts.view.today);
}

function stateOf(what: unknown): string {
  return createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 12);
}

/** How often, where and in which builds: the part of an issue's text that is kept up to date. */
export function renderStatus(facts: RaceSituation): Markdown {
  const { view, race } = facts;
  const fields: StatusFields = { state: statusState(facts), count: view.count, firstAt: view.firstAt };
  const { begin, end } = statusMarkers(`race:${race.fingerprint}`, fields);
  return blocks(begin, ...statusParts(facts), end);
}

function statusParts(facts: RaceSituation): Markdown[] {
  const { view, human, suppression, now } = facts;
  const boxes = new Set(view.rows.map(row => row.host)).size;
  const builds = new Set(view.rows.flatMap(row => row.build ?? [])).size;
  const where = builds === 0 ? inline`no box says in which build` : inline`in ${some(builds, 'build', 'builds')}`;
  const parts: Markdown[] = [
    markdown`**Seen ${times(view.count)}** on ${some(boxes, 'box', 'boxes')}, ${where}; first ${moment(view.firstAt)}, last ${moment(view.lastAt)}. ${some(view.variants, 'pair of stacks', 'pairs of stacks')}.`,
    seenTable(view.rows),
  ];
  if (human.mergedInto !== null)
    parts.push(markdown`A member said that this is the race of #${human.mergedInto}; it is told there.`);
  if (human.ignoredUntil !== null && human.ignoredUntil > now) {
    const reason = inlineText(human.ignoreReason ?? '');
    parts.push(markdown`A member ignores this until ${day(human.ignoredUntil)}: ${reason}. It is still counted.`);
  }
  if (suppression !== null && (suppression.until === null || suppression.until > now)) {
    const until = suppression.until === null ? inline`` : inline` until ${day(suppression.until)}`;
    parts.push(
      markdown`Suppressed by ${codeSpan(suppression.owner)}${until}: ${inlineText(suppression.reason)}. It is still counted.`,
    );
  }
  if (view.cleanHours !== null) {
    parts.push(
      markdown`Since this was closed, boxes ran ${some(view.cleanHours, 'hour', 'hours')} on builds with the fix.`,
    );
  }
  if (view.attached.length > 0) parts.push(attachedList(view.attached));
  return parts;
}

/** Sightings by box and build. */
export function seenTable(rows: readonly SeenRow[]): Markdown {
  const cells = rows.map(row => [
    name(row.host),
    row.build === null ? inline`not said` : name(row.build),
    inline`${row.count}`,
    moment(row.firstAt),
    moment(row.lastAt),
  ]);
  return table([inline`Box`, inline`Build`, inline`Seen`, inline`First`, inline`Last`], cells);
}

function attachedList(titles: readonly string[]): Markdown {
  const items = titles.slice(0, 20).map(title => markdown`- ${inlineText(redact(title))}`);
  const more = titles.length > 20 ? [markdown`- and ${titles.length - 20} more`] : [];
  return blocks(markdown`Also told here:`, ...items, ...more);
}

/** A name that a box gave, in a table's cell. */
function name(text: string): InlineMarkdown {
  return codeSpan(redact(text).slice(0, 100), { tableCell: true });
}

/** `2026-11-23 10:00 UTC` */
export function moment(time: number): InlineMarkdown {
  return inline`${inlineText(`${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`)}`;
}

export function day(time: number): InlineMarkdown {
  return inlineText(new Date(time - 1).toISOString().slice(0, 10));
}

export function times(count: number): InlineMarkdown {
  return count === 1 ? inline`once` : inline`${count} times`;
}

export function some(count: number, one: string, many: string): InlineMarkdown {
  return inlineText(`${count} ${count === 1 ? one : many}`);
}
