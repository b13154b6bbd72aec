import { type Extraction, type Found, missed, toExtraction } from './extraction.ts';
import { matchEachLine, matchPattern } from './match-pattern.ts';
import { compareVersions } from './version-number.ts';

/**
 * The version a branch declares by its name: `release/5.3` with `release/(.+)`. Understands the usual dialects in the
 * group: `5-3` and `5_3` (as in `5-3-stable`), and `5.3.x`.
 */
export function extractFromBranch(extractor: { pattern: string }, branch: string): Extraction {
  const match = matchPattern(extractor.pattern, branch);
  if (!match.ok) return missed('no-match', "the branch's name does not match the pattern");
  const dotted = /^v?\d+(?:[-_]\d+)+$/i.test(match.group) ? match.group.replaceAll(/[-_]/g, '.') : match.group;
  return toExtraction(dotted.replace(/\.[xX]$/, ''));
}

/**
 * The highest version among tags, as numbers.
 *
 * @param tags the names of the tags that the commit contains, in any order
 */
export function extractFromTags(extractor: { pattern: string }, tags: readonly string[]): Extraction {
  if (tags.length === 0) return missed('not-found', 'the commit contains no tag');
  const named = matchEachLine(extractor.pattern, tags);
  if (named === undefined) return missed('no-match', 'the pattern took too long');
  let highest: Found | undefined;
  for (const text of named) {
    const result = toExtraction(text);
    if (result.ok && (highest === undefined || compareVersions(result.version, highest.version) > 0)) highest = result;
  }
  return highest ?? missed('no-match', `none of ${tags.length} tags is a version`);
}
