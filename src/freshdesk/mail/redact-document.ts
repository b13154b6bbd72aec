import type { Image, Nodes, Root } from 'mdast';
import { visibleControls, visibleText } from '../../gitlab/text/characters.ts';
import { type Piece, type Redactor, redactText } from './redact-text.ts';

/**
 * Redacts a document on what its reader sees: the rules read its text nodes as one text (a line break between blocks, a
 * tab between cells), so that `Password: <b>hunter2</b>` and a key over forty paragraphs are found, and Markdown's
 * escapes, which are put in later, never come between. Changes the tree.
 */
export function redactDocument(root: Root, redact: Redactor): void {
  const pieces: Piece[] = [];
  collect(root, pieces, redact);
  redact(pieces);
}

function collect(node: Nodes, pieces: Piece[], redact: Redactor): void {
  switch (node.type) {
    case 'text':
      // First without invisible characters, which could keep a rule from matching.
      node.value = visibleText(node.value).replace(/\s/g, ' ');
      pieces.push(node);
      return;
    case 'inlineCode':
    case 'code':
      node.value = visibleControls(node.value);
      pieces.push(node);
      break;
    case 'break':
      pieces.push({ value: '\n' });
      return;
    case 'image':
      redactImage(node, redact);
      return;
    case 'link':
      // A secret in an address goes with the whole address.
      if (redactText(node.url, redact) !== node.url) node.url = '';
      break;
  }
  if ('children' in node) for (const child of node.children) collect(child, pieces, redact);
  if (node.type === 'tableCell') pieces.push({ value: '\t' });
  else if (!['inlineCode', 'link', 'strong', 'emphasis', 'delete'].includes(node.type)) pieces.push({ value: '\n' });
}

function redactImage(image: Image, redact: Redactor): void {
  if (image.alt) image.alt = redactText(image.alt, redact);
}
