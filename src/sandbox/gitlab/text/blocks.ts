/** One source line and where it stands: only top-level paragraphs can hold quick actions. */
export interface Line {
  text: string;
  kind: 'paragraph' | 'blank' | 'code' | 'quote' | 'list' | 'html' | 'table' | 'other';
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const HTML_OPEN =
  /^ {0,3}<(?:\/?(?:details|summary|div|p|table|tr|td|th|ul|ol|li|pre|script|style|blockquote|section|h[1-6]|hr|br|center|form|iframe|nav|article|header|footer|main|aside|body|html|head|dl|dd|dt|fieldset)\b|!--|\?|![A-Z])/i;
const LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;

/** Walks Markdown line by line as far as quick actions and references need it (not a renderer). */
export function readBlocks(source: string): Line[] {
  const lines: Line[] = [];
  let fence: { marker: string; length: number } | null = null;
  let container: Line['kind'] | null = null;
  let comment = false;
  for (const text of source.split(/\r\n|\n|\r/)) {
    const kind = next(text);
    lines.push({ text, kind });
  }
  return lines;

  function next(text: string): Line['kind'] {
    if (fence !== null) {
      const closing = new RegExp(`^ {0,3}\\${fence.marker}{${fence.length},}\\s*$`).test(text);
      if (closing) fence = null;
      return 'code';
    }
    if (comment) {
      if (text.includes('-->')) comment = false;
      return 'html';
    }
    if (text.trim() === '') {
      // A blank line ends a paragraph, a quote and an HTML block; a list goes on if the next line is indented.
      if (container !== 'list') container = null;
      return 'blank';
    }
    const open = FENCE.exec(text);
    if (open?.[1] !== undefined && !(open[1].startsWith('`') && text.slice(open[0].length).includes('`'))) {
      fence = { marker: open[1][0] ?? '`', length: open[1].length };
      return 'code';
    }
    return block(text);
  }

  function block(text: string): Line['kind'] {
    if (/^ {0,3}>/.test(text)) {
      container = 'quote';
      return 'quote';
    }
    if (container === 'quote') return lines.at(-1)?.kind === 'quote' ? 'quote' : start(text);
    if (container === 'html') return 'html';
    if (container === 'list')
      return LIST_ITEM.test(text) || /^\s/.test(text) || lines.at(-1)?.kind !== 'blank' ? 'list' : start(text);
    return start(text);
  }

  function start(text: string): Line['kind'] {
    container = null;
    const inParagraph = lines.at(-1)?.kind === 'paragraph';
    if (/^(?: {4}|\t)/.test(text) && !inParagraph) return 'code';
    if (/^ {0,3}<!--/.test(text)) {
      comment = !text.includes('-->');
      return 'html';
    }
    if (HTML_OPEN.test(text)) {
      container = 'html';
      return 'html';
    }
    if (LIST_ITEM.test(text)) {
      container = 'list';
      return 'list';
    }
    if (/^ {0,3}#{1,6}(\s|$)/.test(text)) return 'other';
    if (/^\s*\|.*\|\s*$/.test(text)) return 'table';
    return 'paragraph';
  }
}

/** The text without code, HTML comments and tags: what mentions and references are looked for in. Keeps the length of nothing. */
export function withoutCode(source: string): string {
  const kept = readBlocks(source)
    .filter(line => line.kind !== 'code')
    .map(line => line.text)
    .join('\n');
  return kept
    .replaceAll(/<!--[\s\S]*?(?:-->|$)/g, ' ')
    .replaceAll(/(?<!\\)(`+)(?!`)([\s\S]*?)(?<!`)\1(?!`)/g, ' ')
    .replaceAll(/<(?:pre|code)\b[\s\S]*?<\/(?:pre|code)>/gi, ' ');
}
