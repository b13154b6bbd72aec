import { findReferences, type IssueReference, type ReferenceOptions } from './find-references.ts';

/**
 * The issues a text says it closes, by GitLab's default closing pattern (facts 2.3) or the words given instead.
 * `syntax: 'plain'` reads as GitLab does, which looks for the pattern in the raw text, code and comments included: that
 * answers "what will GitLab close by itself". The default reads what the author meant to say.
 */
export function closingReferences(text: string, options: ReferenceOptions): IssueReference[] {
  const all = findReferences(text, { ...options, keywords: { ...options.keywords, relates: [] } });
  return all.filter(reference => reference.keyword === 'closes');
}
