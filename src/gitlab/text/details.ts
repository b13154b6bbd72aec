import { htmlText } from './html-text.ts';
import { asMarkdown, type Markdown } from './markdown.ts';

/**
 * A collapsed section. `summary` is plain text, ours or not: it stands in HTML and is made inert for that. The blank
 * lines matter: without them the body would be HTML, not Markdown, and the closing tag part of the body.
 */
export function details(summary: string, body: Markdown): Markdown {
  return asMarkdown(`<details>\n<summary>${htmlText(summary)}</summary>\n\n${body}\n\n</details>`);
}
