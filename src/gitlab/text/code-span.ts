import { visibleCode } from './characters.ts';
import { codeSpanSource } from './code-span-source.ts';
import { inlineText } from './inline-text.ts';
import { asInline, type InlineMarkdown } from './markdown.ts';

/**
 * Untrusted text as a code span that nothing in it can end: a branch named ``x`@all`/close`` stays a name.
 * Line breaks become spaces; control, direction and invisible characters become visible.
 *
 * `tableCell`: pipes as the cell of a table needs them. A backslash before a pipe cannot be written in code there
 * (GFM takes it for the pipe's escape), so such a text comes as `inlineText`, equal to the letter but not in code.
 */
export function codeSpan(text: string, options: { tableCell?: boolean } = {}): InlineMarkdown {
  const content = visibleCode(text).replaceAll('\n', ' ').replaceAll('\t', '\u2409');
  if (options.tableCell !== true) return asInline(codeSpanSource(content));
  return content.includes('\\|') ? inlineText(content) : asInline(codeSpanSource(content).replaceAll('|', '\\|'));
}
