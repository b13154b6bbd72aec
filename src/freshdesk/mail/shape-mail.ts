import type { Element, ElementContent, ElementData, Root, RootContent } from 'hast';
import { childrenOf, hasClass, isBlank, isBlock, isElement, styleOf } from './elements.ts';
import { isLayoutTable } from './layout-table.ts';

/**
 * Brings a mail into the shape that Markdown has: tables that only arrange things are unwrapped, and blocks that a mail
 * program uses as lines (Gmail's and Apple's `<div>`, Outlook's `<p class="MsoNormal">`) become lines, so that an
 * address of four lines does not turn into four paragraphs. Changes the tree.
 */
export function shapeMail(root: Root): void {
  root.children = shapedChildren(root, false);
}

function shapedChildren(parent: Root | Element, preserves: boolean): ElementContent[] {
  const out: ElementContent[] = [];
  for (const child of childrenOf(parent)) {
    if (isElement(child)) addElement(child, preserves, out);
    else if (child.type === 'text') addText(child.value, preserves, out);
  }
  return out;
}

function addText(value: string, preserves: boolean, out: ElementContent[]): void {
  if (!preserves) out.push({ type: 'text', value });
  else
    for (const [index, line] of value.split('\n').entries()) {
      if (index > 0) out.push(lineBreak());
      out.push({ type: 'text', value: line });
    }
}

function addElement(element: Element, preserves: boolean, out: ElementContent[]): void {
  if (element.tagName === 'table' && isLayoutTable(element)) {
    for (const cell of cellsOf(element)) addElement({ ...cell, tagName: 'div', properties: {} }, preserves, out);
    return;
  }
  if (element.tagName === 'pre' && !holdsMoreThanText(element)) {
    out.push(element);
    return;
  }
  const keepsLines = element.tagName === 'pre' || preservesLines(element, preserves);
  const children = shapedChildren(element, keepsLines);
  const hasBlocks = children.some(isOrHasBlock);
  if (isLine(element) && !hasBlocks) addLine(children, out);
  else if (isContainer(element)) addUnwrapped(children, out);
  // Bold and the like around paragraphs: Markdown has it only within one.
  else if (hasBlocks && !isBlock(element) && element.tagName !== 'a') out.push(...children);
  else out.push({ ...element, children });
}

/** A line of its own: one boundary to its neighbours, however many elements it was wrapped in. */
function addLine(children: ElementContent[], out: ElementContent[]): void {
  // A break at the end of a block shows nothing, unless the block holds nothing else: then it is an empty line.
  if (
    isElement(children.at(-1), 'br') &&
    children.slice(0, -1).some(child => !isBlank(child) || isElement(child, 'br'))
  )
    children.pop();
  const isEmpty = children.every(isBlank) && !children.some(child => isElement(child, 'br'));
  addBoundary(out);
  if (isEmpty && children.length > 0) out.push(lineBreak());
  out.push(...children);
  addBoundary(out);
}

function addUnwrapped(children: ElementContent[], out: ElementContent[]): void {
  addBoundary(out);
  out.push(...children);
  addBoundary(out);
}

function addBoundary(out: ElementContent[]): void {
  const last = out.at(-1);
  if (last !== undefined && !isBoundary(last) && !isBlock(last)) out.push({ ...lineBreak(), data: BOUNDARY });
}

/** Marks a line break of ours; known by its identity. */
const BOUNDARY: ElementData = { position: {} };

function isBoundary(node: ElementContent): boolean {
  return node.data === BOUNDARY;
}

function lineBreak(): Element {
  return { type: 'element', tagName: 'br', properties: {}, children: [] };
}

/** Blocks without a distance to their neighbours. */
function isLine(element: Element): boolean {
  if (element.tagName === 'p') {
    const isWords = ['MsoNormal', 'MsoPlainText', 'MsoListParagraph', 'MsoNoSpacing'].some(name =>
      hasClass(element, name),
    );
    return isWords || /(?:^|;)margin:0(?:;|p|c|$)/.test(styleOf(element));
  }
  return isContainer(element);
}

function isContainer({ tagName }: Element): boolean {
  return (
    [
      'div',
      'center',
      'section',
      'article',
      'header',
      'footer',
      'main',
      'address',
      'form',
      'figure',
      'figcaption',
    ].includes(tagName) || tagName === 'pre'
  );
}

function isOrHasBlock(node: ElementContent): boolean {
  return isBlock(node) || (isElement(node) && node.children.some(isOrHasBlock));
}

function holdsMoreThanText(pre: Element): boolean {
  return pre.children.some(
    child => isElement(child) && (isElement(child, 'img') || isBlock(child) || holdsMoreThanText(child)),
  );
}

function preservesLines(element: Element, inherited: boolean): boolean {
  const value = /(?:^|;)white-space:([a-z-]+)/.exec(styleOf(element))?.[1];
  return value === undefined ? inherited : ['pre', 'pre-wrap', 'pre-line', 'break-spaces'].includes(value);
}

/** The cells of a table in reading order, its caption first; not those of tables in it. */
function cellsOf(table: Element): Element[] {
  return (childrenOf(table) as RootContent[]).flatMap(child => {
    if (!isElement(child)) return [];
    return ['td', 'th', 'caption'].includes(child.tagName) ? [child] : cellsOf(child);
  });
}
