import type { Element, Nodes, Root, RootContent } from 'hast';
import { attribute, childrenOf, hasClass, isBlank, isBlock, isElement, styleOf, textOf } from './elements.ts';
import { isAttribution, isHeaderBlock, isOriginalMessage } from './quote-phrases.ts';

/**
 * Takes what a mail quotes of earlier mails out of it. Mail programs leave two kinds of traces:
 *
 * - a *seam* (Outlook): from here on everything is the earlier mail;
 * - a *quote* (the others): an element that holds it, with a line "On … wrote:" before or in it.
 *
 * Answers written between quotes need the quotes where they are: only what follows the last answer is taken out. A mail
 * that is nothing but a quote (a forwarded one) is left whole.
 */
export function splitQuotes(root: Root): { own: Root; quoted: Root | null } {
  const marked = new Set<Nodes>();
  markSeam(root, marked);
  markQuotes(root, marked);
  if (marked.size === 0 || isBlankWithout(root, marked)) return { own: root, quoted: null };
  const quoted: Root = { type: 'root', children: [] };
  take(root, marked, quoted.children);
  return quoted.children.every(isBlank) ? { own: root, quoted: null } : { own: root, quoted };
}

function take(parent: Root | Element, marked: ReadonlySet<Nodes>, into: RootContent[]): void {
  const kept: RootContent[] = [];
  for (const child of childrenOf(parent)) {
    if (marked.has(child)) into.push(child);
    else {
      kept.push(child);
      if (isElement(child)) take(child, marked, into);
    }
  }
  parent.children = kept as typeof parent.children;
}

function isBlankWithout(node: Nodes, marked: ReadonlySet<Nodes>): boolean {
  if (marked.has(node)) return true;
  return 'children' in node && node.children.length > 0
    ? node.children.every(child => isBlankWithout(child, marked))
    : isBlank(node);
}

/** Marks the first seam with everything that follows it, on every level above it. */
function markSeam(root: Root, marked: Set<Nodes>): void {
  const search = (parent: Root | Element): boolean => {
    const children = childrenOf(parent);
    for (const [index, child] of children.entries()) {
      if (!isElement(child) || isQuote(child)) continue;
      const seam = isSeam(child);
      if (!seam && !search(child)) continue;
      for (const after of children.slice(seam ? index - rulesBefore(children, index) : index + 1)) marked.add(after);
      return true;
    }
    return false;
  };
  search(root);
}

/** How many nodes before a seam belong to it: a horizontal rule and blanks. */
function rulesBefore(children: readonly RootContent[], index: number): number {
  let count = 0;
  for (let at = index - 1; at >= 0; at--) {
    const node = children[at]!;
    if (isElement(node, 'hr')) count = index - at;
    else if (!isBlank(node)) break;
  }
  return count;
}

const SEAM_IDS = new Set([
  'divRplyFwdMsg', // Outlook on the web
  'x_divRplyFwdMsg',
  'mail-editor-reference-message-container', // new Outlook
  'stopSpelling', // Hotmail
  'OLK_SRC_BODY_SECTION', // Outlook for Mac
  'zwchr', // Zimbra
]);

function isSeam(element: Element): boolean {
  if (SEAM_IDS.has(attribute(element, 'id')) || /^__(?:DIVIDER|HEADERS)__$/.test(attribute(element, 'dataMarker')))
    return true;
  if (!isBlock(element)) return false;
  const text = textOf(element, 1200).trim();
  // Outlook for Windows: a line above "From: … Sent: …".
  if (/border-top:solid#(?:e1e1e1|b5c4df)/.test(styleOf(element))) return isHeaderBlock(text, 'loose');
  const innermost = !childrenOf(element).some(child => isBlock(child));
  return innermost && (isOriginalMessage(text) || isHeaderBlock(text, 'strict'));
}

function isQuote(element: Element): boolean {
  if (hasClass(element, 'freshdesk_quote') || hasClass(element, 'protonmail_quote')) return true;
  if (hasClass(element, 'gmail_quote') || hasClass(element, 'gmail_quote_container')) return true;
  if (hasClass(element, 'yahoo_quoted') || hasClass(element, 'zmail_extra')) return true;
  if (hasClass(element, 'moz-cite-prefix') || hasClass(element, 'gmail_attr')) return true;
  return element.tagName === 'blockquote' && attribute(element, 'type') === 'cite';
}

/** Gmail leaves its wrapper around answers that were written between the quoted lines. */
function isAnswered(element: Element): boolean {
  if (element.tagName === 'blockquote') return false;
  const children = childrenOf(element);
  const isOwn = (child: RootContent) =>
    !isBlank(child) && !(isElement(child) && (isQuote(child) || child.tagName === 'blockquote'));
  return children.some(child => isElement(child, 'blockquote')) && children.some(isOwn);
}

interface Reading {
  /** Groups of quotes with nothing of the sender's own between them. */
  groups: Nodes[][];
  /** Something of the sender's own has come since the last quote. */
  ownSince: boolean;
}

function markQuotes(root: Root, marked: Set<Nodes>): void {
  const reading: Reading = { groups: [], ownSince: true };
  read(root, marked, reading);
  const { groups, ownSince } = reading;
  // Several groups: answers stand between them. Those before an answer are what it answers.
  const folded = groups.length < 2 ? groups : ownSince ? [] : groups.slice(-1);
  for (const node of folded.flat()) marked.add(node);
}

function read(parent: Root | Element, marked: ReadonlySet<Nodes>, reading: Reading): void {
  const children = childrenOf(parent);
  const attributions = attributionsIn(children, marked);
  for (const child of children) {
    if (marked.has(child)) continue;
    if (attributions.has(child) || (isElement(child) && isQuote(child) && !isAnswered(child))) {
      if (reading.ownSince) reading.groups.push([]);
      reading.groups.at(-1)!.push(child);
      reading.ownSince = false;
    } else if (isElement(child) && child.children.length > 0) read(child, marked, reading);
    else if (!isBlank(child)) reading.ownSince = true;
  }
}

/** The nodes of the lines "On … wrote:" that stand right before a quote, and what those make a quote. */
function attributionsIn(children: readonly RootContent[], marked: ReadonlySet<Nodes>): Set<Nodes> {
  const found = new Set<Nodes>();
  for (const [index, child] of children.entries()) {
    if (marked.has(child) || !isElement(child) || !startsWithQuote(child)) continue;
    const line = lineBefore(children, index);
    if (line.length === 0 || !isAttribution(line.map(node => textOf(node, 600)).join(''))) continue;
    for (const node of line) found.add(node);
    if (child.tagName === 'blockquote') found.add(child);
  }
  return found;
}

function startsWithQuote(element: Element): boolean {
  if (element.tagName === 'blockquote' || isQuote(element)) return true;
  const first = childrenOf(element).find(child => !isBlank(child));
  return isElement(first) && startsWithQuote(first);
}

/** The block, or the inline nodes back to a line break, before `index`. */
function lineBefore(children: readonly RootContent[], index: number): RootContent[] {
  let end = index - 1;
  while (end >= 0 && isBlank(children[end]!)) end--;
  const last = children[end];
  if (last === undefined || isBlock(last)) return last === undefined ? [] : [last];
  let start = end;
  while (start > 0 && !isElement(children[start - 1]!, 'br') && !isBlock(children[start - 1]!)) start--;
  return children.slice(start, end + 1);
}
