import { codeSpan } from '../../gitlab/text/code-span.ts';
import { inlineText } from '../../gitlab/text/inline-text.ts';
import { blocks, inline, joinInline, type Markdown, markdown } from '../../gitlab/text/markdown.ts';
import { marker } from '../../gitlab/text/marker.ts';
import { table } from '../../gitlab/text/table.ts';
import { titleText } from '../../gitlab/text/title-text.ts';
import type { DigestFacts } from './digest-facts.ts';
import { redact } from './redact.ts';
import { some } from './render-status.ts';
import { MARKER } from './status-block.ts';

/** The number is left out: it changes with the day. */
export function renderDigestTitle({ day }: Pick<DigestFacts, 'day'>): string {
  return titleText(`Data races of ${day} without an issue of their own`);
}

/** One line for each race of the day that got no issue of its own, most frequent first, and why. */
export function renderDigest(facts: DigestFacts, state: string): Markdown {
  const { project, day, count, shown, quiet } = facts;
  const rows = shown.map(race => [
    inlineText(redact(race.title)),
    inline`${race.count}`,
    codeSpan(redact(race.hosts.slice(0, 3).join(', ')), { tableCell: true }),
    inlineText(race.why),
    codeSpan(`race:${race.fingerprint}`, { tableCell: true }),
  ]);
  const more = count - shown.length;
  const silent = joinInline(
    quiet.slice(0, 20).map(box => codeSpan(redact(box))),
    ', ',
  );
  return blocks(
    markdown`**${some(count, 'race', 'races')}** of ${inlineText(day)} got no issue of their own. They are counted; each gets one when it is seen again on a day that has room, or by ${codeSpan('signalbox replay race:…')}.`,
    table([inline`Race`, inline`Seen`, inline`Boxes`, inline`Why it has no issue`, inline`Key`], rows),
    more > 0 ? markdown`And ${more} more; ${codeSpan('signalbox journal')} has them all.` : markdown``,
    quiet.length > 0 ? markdown`Silent boxes, from which no report is no good news: ${silent}.` : markdown``,
    marker({ kind: MARKER.digest, key: `${project}/${day}`, fields: { state } }),
  );
}
