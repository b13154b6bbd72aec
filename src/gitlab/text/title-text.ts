import { oneLine } from './characters.ts';

const WORD_JOINER = '\u2060';
/** GitLab's limit, in code points. */
const TITLE_LENGTH = 255;

/** Where a title's reference is broken; the joiner goes after the match. Markdown escapes mean nothing in a title. */
const BREAKS: readonly RegExp[] = [
  /[@#!&$%~^](?=\S)/gu, // mentions and references
  /\[(?=[\w[-])/g, // [issue:1], [[wiki]], [TOC], [-deleted-]
  /[{[](?=[+-])/g, // {+inserted+}
  /:(?=\/\/)|www(?=\.)/gi, // addresses
  /:(?=[\w+-]+:)/g, // :emoji:
  /[0-9a-f]{6}(?=[0-9a-f])/gi, // commits: no run of seven stays
  /(?<![A-Za-z0-9_])[A-Z][A-Z0-9_]*-(?=\d)|GL-(?=\d)/g, // ABC-123
  /[\w.-](?=>)/g, // group/project>
  /\*(?=iteration:)/gi,
];

/**
 * Untrusted text as the title of an issue or merge request: one line of valid UTF-16, at most 255 code points (cut with
 * `…`), mentions and references broken by an invisible U+2060, because titles are mentionable and know no escapes.
 * A title that would be blank, which GitLab refuses, becomes `options.blank`.
 */
export function titleText(text: string, options: { blank?: string } = {}): string {
  // Cut first, generously, so that a megabyte of subject costs nothing.
  const line = oneLine(text.slice(0, 65_536));
  const broken = BREAKS.reduce((title, pattern) => title.replace(pattern, `$&${WORD_JOINER}`), line);
  return cut(broken === '' ? (options.blank ?? '(no title)') : broken);
}

function cut(title: string): string {
  const points = Array.from(title);
  if (points.length <= TITLE_LENGTH) return title;
  const kept = points.slice(0, TITLE_LENGTH - 1).join('');
  return `${kept.replace(/[\s\u2060\u200c\u200d]{1,9}$/u, '')}…`;
}
