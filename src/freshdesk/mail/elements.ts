import type { Element, Nodes, Root, RootContent } from 'hast';

/** What the steps of the conversion ask of an element of a mail. */

export function isElement(node: Nodes | undefined, ...names: readonly string[]): node is Element {
  return node?.type === 'element' && (names.length === 0 || names.includes(node.tagName));
}

/** An attribute as text; lists of class names with spaces between. */
export function attribute(element: Element, name: string): string {
  const value = element.properties[name];
  if (Array.isArray(value)) return value.join(' ');
  return value === undefined || value === null ? '' : String(value);
}

export function hasClass(element: Element, name: string): boolean {
  const value = element.properties['className'];
  return Array.isArray(value) && value.includes(name);
}

/** The inline style in lower case without blanks: `display:none;max-height:0`. */
export function styleOf(element: Element): string {
  return attribute(element, 'style').slice(0, 4096).toLowerCase().replace(/\s+/g, '');
}

/** The text of a node, of at most `limit` characters: enough to recognise a header by. */
export function textOf(node: Nodes, limit = 2000): string {
  let text = '';
  const take = (each: Nodes): void => {
    if (text.length >= limit) return;
    if (each.type === 'text') text += each.value;
    else if (isElement(each, 'br')) text += '\n';
    else if ('children' in each) for (const child of each.children) take(child);
  };
  take(node);
  return text.slice(0, limit);
}

/** Whether a reader sees anything of it. Images count. */
export function isBlank(node: Nodes): boolean {
  if (node.type === 'text') return !/[^\s\u00a0\u200b-\u200d\u2060\ufeff]/.test(node.value);
  if (isElement(node, 'img')) return false;
  return !('children' in node) || node.children.every(isBlank);
}

/** Children of a root are children of an element, once doctypes and comments are gone. */
export function childrenOf(node: Root | Element): RootContent[] {
  return node.children;
}

export const BLOCKS: ReadonlySet<string> = new Set(
  [
    'p pre blockquote ul ol li dl dt dd hr h1 h2 h3 h4 h5 h6 table thead tbody tfoot tr th td caption',
    'div center section article header footer main address figure figcaption form',
  ].flatMap(names => names.split(' ')),
);

export function isBlock(node: Nodes): boolean {
  return node.type === 'element' && BLOCKS.has(node.tagName);
}
