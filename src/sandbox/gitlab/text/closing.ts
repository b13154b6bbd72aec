import { findReferences, type Reference } from './references.ts';

const KEYWORD = /\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?):? +/gi;
const ITEM =
  /^(?:issues? +)?(https?:\/\/[^\s>]{1,300}[^\s>?!.,:]|(?:[A-Za-z0-9_.][\w.-]*(?:\/[A-Za-z0-9_.][\w.-]*)*)?#\d{1,20}(?=\W|$)|GL-\d{1,20}(?=\W|$)|\[issue:[^\]\s]{1,300}\]|[A-Z][A-Z0-9_]+-\d+)(?:\+s?)?/i;
const SEPARATOR = /^(?: *,? +and +| *,? *)/i;

/**
 * The issues a text closes, by GitLab's default pattern: a closing word, an optional colon, then references joined by
 * commas or "and". Only the first letter of the word may be a capital; "Closes#1" without a blank closes nothing.
 * GitLab scans the raw text: what stands in code or in an HTML comment (a template!) closes all the same.
 */
export function findClosingReferences(source: string, baseUrl: string): Reference[] {
  const found: Reference[] = [];
  for (const keyword of source.matchAll(KEYWORD)) {
    if (!/^[A-Za-z][a-z]*:? +$/.test(keyword[0])) continue;
    let rest = source.slice(keyword.index + keyword[0].length);
    for (let item = ITEM.exec(rest); item !== null; item = ITEM.exec(rest)) {
      found.push(...findReferences(item[1] ?? '', baseUrl).filter(reference => reference.kind === 'issue'));
      rest = rest.slice(item[0].length);
      const separator = SEPARATOR.exec(rest)?.[0] ?? '';
      rest = rest.slice(separator.length);
    }
  }
  return found;
}
