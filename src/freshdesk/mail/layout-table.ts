import type { Element } from 'hast';
import { attribute, childrenOf, isBlank, isElement } from './elements.ts';

/**
 * Whether a table only arranges things: marked as such, with a table in it, of one row or one column, or with content
 * that a Markdown cell cannot hold. What remains is data and stays a table.
 */
export function isLayoutTable(table: Element): boolean {
  if (/^(?:presentation|none)$/.test(attribute(table, 'role'))) return true;
  const rows = rowsOf(table);
  if (holds(table, 'table', 'pre', 'blockquote', 'ul', 'ol', 'hr')) return true;
  const widths = rows.map(row => row.filter(cell => !isBlank(cell)).length);
  if (Math.max(0, ...widths) < 2) return true;
  const hasHeader = rows.some(row => row.some(cell => cell.tagName === 'th'));
  return !hasHeader && widths.filter(width => width > 0).length < 2;
}

function rowsOf(table: Element): Element[][] {
  return childrenOf(table).flatMap(child => {
    if (isElement(child, 'tr')) return [childrenOf(child).filter(cell => isElement(cell, 'td', 'th'))];
    return isElement(child, 'thead', 'tbody', 'tfoot') ? rowsOf(child) : [];
  });
}

function holds(element: Element, ...names: readonly string[]): boolean {
  return element.children.some(child => isElement(child) && (isElement(child, ...names) || holds(child, ...names)));
}
