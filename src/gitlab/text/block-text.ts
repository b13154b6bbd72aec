import { oneLine, visibleText } from './characters.ts';
import { inertLine } from './inline-text.ts';
import { asMarkdown, type Markdown } from './markdown.ts';

/**
 * Untrusted plain text of several lines as Markdown paragraphs: each line stays a line (a backslash at its end is
 * Markdown's hard break; two spaces would not survive editors), blank lines part paragraphs, and nothing at the start
 * or in the middle of a line is alive. Blanks at both ends of a line are dropped: text whose indentation matters
 * (a log, a stack trace) belongs in `codeBlock`.
 */
export function blockText(text: string): Markdown {
  const paragraphs: string[][] = [[]];
  for (const raw of visibleText(text).split('\n')) {
    const line = oneLine(raw);
    if (line !== '') paragraphs.at(-1)?.push(inertLine(line));
    else if (paragraphs.at(-1)?.length !== 0) paragraphs.push([]);
  }
  return asMarkdown(
    paragraphs
      .filter(lines => lines.length > 0)
      .map(lines => lines.join('\\\n'))
      .join('\n\n'),
  );
}
