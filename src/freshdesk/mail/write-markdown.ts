import type { Nodes, Paragraph, Root, RootContent } from 'mdast';
import remarkGfm from 'remark-gfm';
import remarkStringify from 'remark-stringify';
import { unified } from 'unified';
import { visibleCode } from '../../gitlab/text/characters.ts';
import { escapeLineStart } from '../../gitlab/text/inline-text.ts';
import { asMarkdown, type Markdown } from '../../gitlab/text/markdown.ts';
import { phrasing, type Surroundings } from './phrasing.ts';

/**
 * Lists, quotes, fences and tables are remark's. Running text is finished before: remark's `unsafe` patterns can only put
 * backslashes, and GitLab takes most of those away again before it looks for references (gitlab/text/README.md).
 */
const writer = unified()
  .use(remarkGfm, { tablePipeAlign: false })
  .use(remarkStringify, {
    bullet: '-',
    rule: '*', // `---` at the top would be front matter
    fences: true,
    listItemIndent: 'one',
    handlers: { text: (node: { value: string }) => node.value },
  })
  .freeze();

/** A document as inert Markdown. */
export function writeMarkdown(root: Root, context: Omit<Surroundings, 'inTable'>): Markdown {
  const children = root.children.flatMap(node => block(node, { ...context, inTable: false }));
  return asMarkdown(writer.stringify({ type: 'root', children }).trim());
}

function block(node: Nodes, around: Surroundings): RootContent[] {
  if (node.type === 'code') return code(node.value);
  if (node.type === 'thematicBreak') return [{ type: 'thematicBreak' }];
  if (node.type === 'list') return list(node, around);
  if (node.type === 'table') return table(node, around);
  if (node.type === 'blockquote') {
    const children = node.children.flatMap(child => block(child, around)) as typeof node.children;
    return children.length === 0 ? [] : [{ type: 'blockquote', children }];
  }
  // A heading of a mail is no chapter of the issue.
  if (node.type === 'heading') return paragraphs([{ type: 'strong', children: node.children }], around);
  return paragraphs(node.type === 'paragraph' ? node.children : [node], around);
}

/** Never with a language from the mail: GitLab executes some (mermaid, glql). */
function code(value: string): RootContent[] {
  return value.trim() === '' ? [] : [{ type: 'code', value: visibleCode(value).replace(/^\n+/, '').trimEnd() }];
}

function list(node: Extract<Nodes, { type: 'list' }>, around: Surroundings): RootContent[] {
  const items = node.children
    .map(item => item.children.flatMap(child => block(child, around)) as typeof item.children)
    .filter(children => children.length > 0)
    .map(children => ({ type: 'listItem' as const, spread: needsBlankLines(children), children }));
  if (items.length === 0) return [];
  const start = node.ordered && node.start && node.start > 0 && node.start < 1_000_000 ? node.start : 1;
  return [{ type: 'list', ordered: node.ordered === true, start, spread: node.spread === true, children: items }];
}

/** Without a blank line only a plain list can follow a paragraph; anything else would become its continuation. */
function needsBlankLines(children: readonly RootContent[]): boolean {
  return children.some((child, index) => {
    if (index === 0) return false;
    const follows = child.type === 'list' && (child.ordered !== true || child.start === 1);
    return !follows || children[index - 1]?.type !== 'paragraph';
  });
}

function table(node: Extract<Nodes, { type: 'table' }>, around: Surroundings): RootContent[] {
  const rows = node.children.map(row => ({
    type: 'tableRow' as const,
    children: row.children.map(cell => ({
      type: 'tableCell' as const,
      // A cell is one line: the lines of its content follow one another.
      children: [
        raw(
          phrasing(cell.children, { ...around, inTable: true })
            .replace(/\s+/g, ' ')
            .trim(),
        ),
      ],
    })),
  }));
  // A table without a header gets an empty one on its way here; its first line does better as one.
  const isEmpty = (row: (typeof rows)[number]) => row.children.every(({ children: [cell] }) => cell?.value === '');
  return [{ type: 'table', align: [], children: rows[0] && isEmpty(rows[0]) ? rows.slice(1) : rows }];
}

/** Lines, parted into paragraphs where the mail has an empty one. */
function paragraphs(nodes: readonly Nodes[], around: Surroundings): Paragraph[] {
  const groups: string[][] = [[]];
  for (const raw of phrasing(nodes, around).split('\n')) {
    const line = raw.trim();
    if (line !== '') groups.at(-1)!.push(escapeLineStart(line));
    else if (groups.at(-1)!.length > 0) groups.push([]);
  }
  return groups
    .filter(lines => lines.length > 0)
    .map(lines => ({ type: 'paragraph', children: [raw(lines.join('\\\n'))] }));
}

function raw(value: string): { type: 'text'; value: string } {
  return { type: 'text', value };
}
