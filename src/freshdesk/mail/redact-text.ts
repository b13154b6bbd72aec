import type { Redaction, RedactionRule } from './mail-types.ts';

/** A piece of one text, e.g. a text node of a document: what is removed may begin in one and end in another. */
export interface Piece {
  value: string;
}

export type Redactor = (pieces: readonly Piece[]) => void;

interface Found {
  rule: string;
  start: number;
  end: number;
}

/** Removes what the rules find from `pieces`, in place, and counts in `counts`. The rules see the pieces as one text. */
export function createRedactor(rules: readonly RedactionRule[], counts: Map<string, number>): Redactor {
  const compiled = rules.map(({ name, pattern, flags }) => ({
    name,
    pattern: new RegExp(pattern, [...new Set(`${flags}gd`)].join('')),
  }));
  return pieces => {
    const text = pieces.map(piece => piece.value).join('');
    const found = compiled.flatMap(({ name, pattern }) => search(name, pattern, text));
    const ranges = withoutOverlaps(found);
    for (const { rule } of ranges) counts.set(rule, (counts.get(rule) ?? 0) + 1);
    replace(pieces, ranges);
  };
}

export function redactText(text: string, redact: Redactor): string {
  const piece = { value: text };
  redact([piece]);
  return piece.value;
}

export function countsOf(counts: ReadonlyMap<string, number>): Redaction[] {
  return [...counts].map(([rule, count]) => ({ rule, count }));
}

function search(rule: string, pattern: RegExp, text: string): Found[] {
  return [...text.matchAll(pattern)].flatMap(match => {
    const [start, end] = match.indices?.groups?.['secret'] ?? match.indices?.[0] ?? [0, 0];
    return end > start ? [{ rule, start, end }] : [];
  });
}

/** The one that begins first wins; what reaches beyond it is removed with it. */
function withoutOverlaps(found: readonly Found[]): Found[] {
  const ranges: Found[] = [];
  for (const each of found.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    const last = ranges.at(-1);
    if (last === undefined || each.start >= last.end) ranges.push({ ...each });
    else last.end = Math.max(last.end, each.end);
  }
  return ranges;
}

function replace(pieces: readonly Piece[], ranges: readonly Found[]): void {
  let offset = 0;
  let next = 0;
  for (const piece of pieces) {
    const end = offset + piece.value.length;
    let value = '';
    let at = offset;
    while (next < ranges.length && ranges[next]!.start < end) {
      const range = ranges[next]!;
      value += piece.value.slice(at - offset, Math.max(range.start, offset) - offset);
      if (range.start >= offset) value += `[${range.rule} removed]`;
      at = Math.min(range.end, end);
      if (range.end > end) break;
      next++;
    }
    piece.value = value + piece.value.slice(at - offset);
    offset = end;
  }
}
