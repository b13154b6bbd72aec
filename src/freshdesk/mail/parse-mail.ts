import type { Element, Root, RootContent } from 'hast';
import { sanitize } from 'hast-util-sanitize';
import rehypeParse from 'rehype-parse';
import { unified } from 'unified';
import { attribute, isElement, styleOf } from './elements.ts';
import { MAIL_SCHEMA } from './mail-schema.ts';

const parser = unified().use(rehypeParse, { fragment: true }).freeze();

/** A mail's HTML as a tree of what its reader sees: no comments, scripts, hidden elements or tracking images. */
export function parseMail(html: string, depthLimit: number): Root | 'too deep' {
  let tree: Root;
  try {
    tree = parser.parse(showOpenComment(html));
  } catch (error) {
    if (error instanceof RangeError) return 'too deep'; // the parser's own recursion
    throw error;
  }
  if (isDeeper(tree, depthLimit)) return 'too deep';
  const clean = sanitize(tree, MAIL_SCHEMA) as Root;
  dropHidden(clean);
  return clean;
}

/** A comment that nobody closes would swallow the rest of the mail: its start is shown instead. */
function showOpenComment(html: string): string {
  const closed = html.lastIndexOf('-->') + 1;
  return html.indexOf('<!--', closed) < 0
    ? html
    : html.slice(0, closed) + html.slice(closed).replaceAll('<!--', '&lt;!--');
}

/** Breadth first, so that it needs no stack itself. */
function isDeeper(root: Root, limit: number): boolean {
  let level: RootContent[] = root.children;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap(node => ('children' in node ? (node.children as RootContent[]) : []));
  }
  return false;
}

function dropHidden(parent: Root | Element): void {
  parent.children = (parent.children as RootContent[]).filter(node => !isHidden(node)) as typeof parent.children;
  for (const child of parent.children) if (isElement(child)) dropHidden(child);
}

function isHidden(node: RootContent): boolean {
  if (!isElement(node)) return false;
  const style = styleOf(node);
  if (node.properties['hidden'] === true || /(?:^|;)(?:display:none|visibility:hidden)/.test(style)) return true;
  if (/(?:^|;)max-height:0/.test(style) && /(?:^|;)overflow:hidden/.test(style)) return true; // a newsletter's preheader
  return (
    node.tagName === 'img' &&
    (isThin(attribute(node, 'width'), style, 'width') || isThin(attribute(node, 'height'), style, 'height'))
  );
}

/** Tracking pixels and spacers. */
function isThin(given: string, style: string, side: 'width' | 'height'): boolean {
  const size =
    new RegExp(`(?:^|;)${side}:([\\d.]+)(?:px|pt)?(?:;|!|$)`).exec(style)?.[1] ?? /^([\d.]+)(?:px)?$/.exec(given)?.[1];
  return size !== undefined && Number(size) <= 2;
}
