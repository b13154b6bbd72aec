import type { Nodes, Root } from 'mdast';
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
  if (node.type === 'text') {
    // First without invisible characters, which could keep a rule from matching.
    node.value = visibleText(node.value).replace(/\s/g, ' ');
    pieces.push(node);
  } else if (node.type === 'inlineCode' || node.type === 'code') {
    node.value = visibleControls(node.value);
    pieces.push(node);
  } else if (node.type === 'image') {
    if (node.alt) node.alt = redactText(node.alt, redact);
  } else if (node.type === 'link' && redactText(node.url, redact) !== node.url) {
    node.url = ''; // a secret in an address goes with the whole address
  }
  if ('children' in node) for (const child of node.children) collect(child, pieces, redact);
  if (!IN_A_LINE.has(node.type)) pieces.push({ value: node.type === 'tableCell' ? '\t' : '\n' });
}

const IN_A_LINE = new Set(['text', 'inlineCode', 'image', 'link', 'strong', 'emphasis', 'delete']);
