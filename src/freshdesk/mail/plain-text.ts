import { codeBlock } from '../../gitlab/text/code-block.ts';
import { blocks, type Markdown, markdown } from '../../gitlab/text/markdown.ts';

/**
 * What is left of HTML that cannot be converted: its text, roughly, in one pass over it. No tree, no recursion, no
 * pattern that could try twice.
 */
export function roughText(html: string): string {
  const text: string[] = [];
  let lineBreaks = 0;
  const add = (piece: string): void => {
    if (piece.trim() !== '') lineBreaks = 0;
    text.push(piece);
  };
  for (let at = 0; at < html.length; ) {
    const open = html.indexOf('<', at);
    add(decoded(html.slice(at, open < 0 ? html.length : open)));
    if (open < 0) break;
    const tag = /^<(!--|\/?[a-z][a-z0-9:]*)/i.exec(html.slice(open, open + 40))?.[1]?.toLowerCase();
    if (tag === undefined) add('<');
    else if (BREAKING.test(tag) && lineBreaks++ < 2) text.push('\n');
    at = tag === undefined ? open + 1 : after(html, open, endOf(tag));
  }
  return text.join('');
}

const BREAKING = /^\/?(?:p|div|br|tr|li|h[1-6]|table|blockquote|pre|hr)$/;

function endOf(tag: string): string {
  if (tag === '!--') return '-->';
  return tag === 'script' || tag === 'style' ? `</${tag}` : '>';
}

function after(html: string, from: number, end: string): number {
  const at = html.indexOf(end, from);
  return at < 0 ? html.length : at + end.length;
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' };

function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,4}));/gi, (entity, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? entity;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : entity;
  });
}

/** Text in a fence, of at most about `limit` characters of Markdown; says what is missing. */
export function fencedText(text: string, limit: number): Markdown {
  let length = Math.min(text.length, limit);
  for (;;) {
    const fence = codeBlock(text.slice(0, length).trimEnd());
    if (fence.length <= limit + 100)
      return length === text.length
        ? fence
        : blocks(fence, markdown`*${text.length - length} more characters are in the ticket.*`);
    length = Math.floor(length / 2);
  }
}
