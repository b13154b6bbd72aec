import { asMarkdown, type InlineMarkdown, type Markdown } from './markdown.ts';

/**
 * A table of safe cells. Rows are filled up or cut to the header's width. Pipes that a cell left free (in a code span,
 * where only tables need them escaped) are escaped here, so that no cell can end early and set free what follows.
 */
export function table(header: readonly InlineMarkdown[], rows: readonly (readonly InlineMarkdown[])[]): Markdown {
  const line = (cells: readonly string[]) => `| ${header.map((_, index) => cell(cells[index] ?? '')).join(' | ')} |`;
  return asMarkdown([line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n'));
}

/** A pipe with an even number of backslashes before it is free: GFM's row reader takes those in pairs. */
function cell(source: string): string {
  return source
    .replace(/\s*\n\s*/g, ' ')
    .replace(/(\\*)\|/g, (pipe, slashes: string) => (slashes.length % 2 === 0 ? `${slashes}\\|` : pipe));
}
