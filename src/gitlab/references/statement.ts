import type { ScannedReference } from './scan-references.ts';

// What can stand in a closing list without being an issue of ours: another tracker's key, an address elsewhere.
const KEY = /[A-Z][A-Z0-9_]+-\d+/y;
const ADDRESS = /https?:\/\/[^\s>]{1,300}/y;

/**
 * The references that a keyword's list holds, read as GitLab's closing pattern reads them: optional `issue`/`issues`
 * before each, separated by nothing, spaces, a comma, `and`, or `, and`. Written by hand, in one pass forward, since
 * the pattern's nested repetitions need exponential time on hostile text in some engines.
 */
export function statementEnd(
  text: string,
  from: number,
  references: readonly ScannedReference[],
  indexByStart: ReadonlyMap<number, number>,
): { end: number; members: number[] } {
  const members: number[] = [];
  let end = from;
  let at = from;
  for (;;) {
    const start = skipIssueWord(text, at);
    const index = indexByStart.get(start);
    const reference = index === undefined ? undefined : references[index];
    if (index !== undefined && reference !== undefined) {
      members.push(index);
      end = reference.end;
      at = skipSeparator(text, end);
      continue;
    }
    const address = matchAt(ADDRESS, text, start);
    const key = matchAt(KEY, text, at);
    if (address !== '') {
      end = start + address.replace(/[?!.,:]+$/, '').length;
      at = skipSeparator(text, end);
    } else if (key !== '') {
      end = at + key.length;
      at = end; // the pattern has no separator after a key
    } else return { end, members };
  }
}

function matchAt(sticky: RegExp, text: string, at: number): string {
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0] ?? '';
}

function skipIssueWord(text: string, at: number): number {
  if (!text.startsWith('issue', at)) return at;
  const afterWord = at + (text.startsWith('issues', at) ? 6 : 5);
  const after = skipSpaces(text, afterWord);
  return after > afterWord ? after : at;
}

function skipSeparator(text: string, at: number): number {
  const spaces = skipSpaces(text, at);
  const comma = text.startsWith(',', spaces) ? spaces + 1 : spaces;
  const after = skipSpaces(text, comma);
  const hasSpace = comma > spaces ? after > comma : after > at;
  if (!hasSpace || !text.startsWith('and ', after)) return after;
  return skipSpaces(text, after + 3);
}

function skipSpaces(text: string, at: number): number {
  let index = at;
  while (text.charAt(index) === ' ') index++;
  return index;
}
