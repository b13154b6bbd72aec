import type { Token } from 'markdown-it';
import { parseMarkdown } from '../text/parse-markdown.ts';

/** Stands where something was that parts text for GitLab: code, a tag, an escaped sigil. In no pattern, so nothing matches across. */
export const BARRIER = '\ufffc';

/**
 * The text of a description that GitLab would look into for references, in reading order, one string per paragraph,
 * heading or cell. Without code, comments (merge request templates are full of them), quotes and images; a link counts
 * by its address, not by its text.
 */
export function referenceText(markdown: string): string[] {
  const texts: string[] = [];
  let quotes = 0;
  for (const token of parseMarkdown(markdown)) {
    if (token.type === 'blockquote_open') quotes++;
    else if (token.type === 'blockquote_close') quotes--;
    else if (quotes === 0 && token.type === 'inline') texts.push(inlineText(token.children ?? []));
    else if (quotes === 0 && token.type === 'html_block') texts.push(htmlBlockText(token.content));
  }
  return texts;
}

function inlineText(tokens: readonly Token[]): string {
  const parts: string[] = [];
  let linked = 0;
  let coded = 0;
  for (const token of tokens) {
    if (token.type === 'link_open') {
      // Apart from its neighbours: `Closes [this](address)` mentions, but does not close.
      parts.push(`${BARRIER} ${String(token.attrGet('href') ?? '')} ${BARRIER}`);
      linked++;
    } else if (token.type === 'link_close') linked--;
    else if (token.type === 'html_inline') {
      coded += codeTag(token.content);
      parts.push(BARRIER);
    } else if (linked === 0 && coded <= 0) parts.push(tokenText(token));
  }
  return parts.join('');
}

function tokenText(token: Token): string {
  switch (token.type) {
    case 'text':
      return token.content;
    case 'text_special':
      return specialText(token);
    case 'softbreak':
    case 'hardbreak':
      return '\n';
    default:
      return BARRIER; // emphasis too: `_#1_` is a reference, but `Closes *#1*` closes nothing
  }
}

/** An escaped sigil is cut off, any other escaped character and every entity is what it stands for (as in GitLab). */
function specialText(token: Token): string {
  return token.info === 'escape' && '$%#&@!~^'.includes(token.content) ? `${token.content}${BARRIER}` : token.content;
}

function codeTag(tag: string): number {
  if (/^<(?:code|pre|tt|kbd|blockquote)\b/i.test(tag)) return 1;
  return /^<\/(?:code|pre|tt|kbd|blockquote)\b/i.test(tag) ? -1 : 0;
}

/** The text between the tags of a block of HTML. Goes forward only, so that unclosed tags cost nothing. */
function htmlBlockText(html: string): string {
  const parts: string[] = [];
  let coded = 0;
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (coded <= 0) parts.push(html.slice(at, open === -1 ? undefined : open));
    if (open === -1) break;
    const end = html.startsWith('<!--', open) ? endOf(html, '-->', open + 4) : endOf(html, '>', open + 1);
    coded += codeTag(html.slice(open, Math.min(end, open + 20)));
    parts.push(BARRIER);
    at = end;
  }
  return parts.join('');
}

function endOf(text: string, mark: string, from: number): number {
  const index = text.indexOf(mark, from);
  return index === -1 ? text.length : index + mark.length;
}
