/**
 * Which words GitLab brings to life, and how.
 *
 * Two kinds, because GitLab itself has two. A *sigil* (`@ # ! & $ % ~ ^`) loses its power when the Markdown source
 * escapes it: the parser wraps it in an element, and the reference filters see two text nodes. For every other escaped
 * character GitLab unwraps and merges the text again before those filters run, so a backslash is no help against the
 * *active words* below: `\[issue:1]` is a reference all the same. Only code keeps them still.
 */
export const SIGILS = '@#!&$%~^';

const ACTIVE_WORDS: readonly RegExp[] = [
  /:\/\/|www\./i, // linked as an address; one of our own GitLab would tell the other issue about this text
  /[\w.+-]@[\w-]/, // e-mail address
  /[0-9a-f]{7}/i, // commit: 7 to 40 hexadecimal digits, in some versions in the middle of a word too
  /(?<![A-Za-z0-9_])[A-Z][A-Z0-9_]*-\d/, // ABC-123 of an external tracker
  /GL-\d/, // GitLab's own issues in the style of an external tracker
  /(?<![A-Za-z0-9:]):[\w+-]+:(?![A-Za-z0-9:])/, // :emoji:
  /\[[\w-]+:/, // [issue:1], [epic:g/2], [vulnerability:3], [contact:a@b.c]
  /\[\[|\[_*toc_*\]/i, // [[wiki]], [[_TOC_]], [TOC]
  /[{[][+-]/, // {+inserted+}, [-deleted-]
  /[\w.-]>/, // group/project>
  /\*iteration:/i,
];

/** Text in alternating runs: visible ASCII (a word), and anything between (white space, other scripts). */
export function splitWords(text: string): string[] {
  return text.match(/[\x21-\x7e]+|[^\x21-\x7e]+/g) ?? [];
}

/** Whether GitLab would make something of this run of visible ASCII although its sigils are escaped. */
export function isActiveWord(word: string): boolean {
  return ACTIVE_WORDS.some(pattern => pattern.test(word));
}
