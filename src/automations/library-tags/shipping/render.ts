import { codeSpan } from '../../../gitlab/text/code-span.ts';
import { inlineText } from '../../../gitlab/text/inline-text.ts';
import { link } from '../../../gitlab/text/link.ts';
import { blocks, inline, joinInline, type Markdown, markdown } from '../../../gitlab/text/markdown.ts';
import { marker } from '../../../gitlab/text/marker.ts';
import type { VersionFacts } from './facts.ts';
import { NOTE_MARKER } from './gather.ts';

const MOST_LINES = 200;

/** A release's notes: what was merged, or where nothing was, what was committed. */
export function renderRelease(facts: VersionFacts): Markdown {
  const { requests, subjects, base } = facts;
  const lines =
    requests.length > 0
      ? requests.slice(0, MOST_LINES).map(({ title, iid }) => inline`- ${inlineText(title)} (!${iid})`)
      : subjects.map(subject => inline`- ${inlineText(subject)}`);
  const more = requests.length - MOST_LINES;
  return blocks(
    base === null ? markdown`The first version.` : inline`Since ${codeSpan(base)}:`,
    joinInline(lines, '\n'),
    ...(more > 0 ? [inline`and ${more} more`] : []),
  );
}

/** What an issue is told, once. */
export function renderNote(facts: VersionFacts): Markdown {
  const { project, tag, tagUrl } = facts;
  return blocks(
    inline`Shipped in ${link(tag, tagUrl)} of ${codeSpan(project)}.`,
    marker({ kind: NOTE_MARKER, key: `${project}@${tag}` }),
  );
}
