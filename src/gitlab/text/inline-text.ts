import { isActiveWord, SIGILS, splitWords } from './active-words.ts';
import { oneLine } from './characters.ts';
import { codeSpanSource } from './code-span-source.ts';
import { asInline, type InlineMarkdown } from './markdown.ts';

const ALWAYS_ESCAPED = new Set(`${SIGILS}\\\`*[]<>|`);
const LINE_START = /^(?:\d{1,9}(?=[.)])|(?=[/=:;+-]))/;

/**
 * Untrusted text in the middle of ours: visible, and the same letters when rendered, with nothing alive in it. White
 * space is folded into single spaces, controls become visible, invisible characters go. Safe at the start of a line, in
 * a table cell and as the text of a link. Sigils get a backslash, which keeps copies exact (no zero-width characters);
 * words that a backslash does not keep still stand in code (active-words.ts says why).
 */
export function inlineText(text: string): InlineMarkdown {
  return asInline(inertLine(oneLine(text)));
}

/** One normalised line (see `oneLine`) as inert Markdown. */
export function inertLine(line: string): string {
  const source = splitWords(line)
    .map(word => (isActiveWord(word) ? inCode(word) : escapeText(word)))
    .join('');
  return escapeLineStart(source);
}

/** Block syntax at the start of a line: lists, underlines of headings, `::include`, front matter, quick actions. */
export function escapeLineStart(source: string): string {
  return source.replace(LINE_START, start => `${start}\\`);
}

/** Every character that means something to Markdown or GitLab with a backslash. Not enough for active words. */
export function escapeText(word: string): string {
  let source = '';
  for (let index = 0; index < word.length; index++) {
    const character = word.charAt(index);
    source += needsBackslash(character, word.charAt(index - 1), word.charAt(index + 1)) ? `\\${character}` : character;
  }
  return source;
}

function needsBackslash(character: string, before: string, after: string): boolean {
  if (ALWAYS_ESCAPED.has(character)) return true;
  if (character === '_') return !(isAlphanumeric(before) && isAlphanumeric(after)); // snake_case stays readable
  return character === '=' && (before === '=' || after === '='); // ==highlight==
}

function isAlphanumeric(character: string): boolean {
  return /^[A-Za-z0-9]$/.test(character);
}

/** The word in code, without the punctuation of the sentence around it, and cut at pipes, which end a table's cell. */
function inCode(word: string): string {
  const [start, end] = activePart(word);
  const core = word
    .slice(start, end)
    .split('|')
    .map(piece => (piece === '' ? '' : codeSpanSource(piece)))
    .join('\\|');
  return escapeText(word.slice(0, start)) + core + escapeText(word.slice(end));
}

/** Where an active word begins and ends without the punctuation of the sentence around it. */
export function activePart(word: string): [start: number, end: number] {
  const start = /^["'(]*/.exec(word)?.[0].length ?? 0;
  let end = word.length;
  while (end > start && '.,;!?)"\''.includes(word.charAt(end - 1))) end--;
  return [start, end];
}
