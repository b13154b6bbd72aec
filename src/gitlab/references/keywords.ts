/** What a text says it does to an issue. Stronger first: an issue named twice counts as the stronger. */
export type ReferenceKeyword = 'closes' | 'relates' | 'mentions';

/** Which words mean what. Given ones replace the defaults of their class; the first letter may be either case. */
export interface KeywordClasses {
  closes?: readonly string[];
  relates?: readonly string[];
}

/** GitLab's default closing pattern, spelt out: its alternatives are exactly these words. */
export const CLOSING_WORDS = [
  'close',
  'closes',
  'closed',
  'closing',
  'fix',
  'fixes',
  'fixed',
  'fixing',
  'resolve',
  'resolves',
  'resolved',
  'resolving',
  'implement',
  'implements',
  'implemented',
  'implementing',
] as const;

/** Words in use for "belongs to, but does not finish". */
export const RELATING_WORDS = [
  'relates to',
  'related to',
  'relating to',
  'part of',
  'contributes to',
  'addresses',
  'ref',
  'refs',
  'references',
] as const;

/** A keyword's place in a text: `end` is where its list of references must begin. */
export interface KeywordPlace {
  keyword: Exclude<ReferenceKeyword, 'mentions'>;
  start: number;
  end: number;
}

/** Finds the keywords of a text, in order. Build it once per set of classes. */
export type KeywordFinder = (text: string) => KeywordPlace[];

/** A word counts when it stands alone and is followed by an optional colon and at least one space (as in GitLab). */
export function keywordFinder(classes: KeywordClasses = {}): KeywordFinder {
  const closes = alternatives(classes.closes ?? CLOSING_WORDS);
  const relates = alternatives(classes.relates ?? RELATING_WORDS);
  const pattern = new RegExp(`(?<![\\p{L}\\p{M}\\p{N}_])(?:(?<closes>${closes})|${relates}):? +`, 'gu');
  return text =>
    Array.from(text.matchAll(pattern), match => ({
      keyword: match.groups?.['closes'] === undefined ? 'relates' : 'closes',
      start: match.index,
      end: match.index + match[0].length,
    }));
}

/** Longest first, so that `closes` is not read as `close` and an `s`. An empty list matches nothing. */
function alternatives(words: readonly string[]): string {
  const sources = words.filter(word => word.trim() !== '').toSorted((one, other) => other.length - one.length);
  return sources.length === 0 ? '(?!)' : sources.map(wordSource).join('|');
}

function wordSource(word: string): string {
  const [first = '', ...rest] = word.trim();
  const either = [...new Set([first.toLowerCase(), first.toUpperCase()])].map(literal).join('|');
  return `(?:${either})${literal(rest.join('')).replace(/ +/g, ' +')}`;
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
