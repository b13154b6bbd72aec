import type { Bump } from './semver.ts';

/** What conventionalcommits.org reads from one message. */
export interface ConventionalCommit {
  type: string;
  breaking: boolean;
}

// Anchored on purpose: "docs: say hello!: now" is no breaking change.
const HEADER = /^([A-Za-z][A-Za-z-]*)(?:\([^()\r\n]*\))?(!)?:[ \t]+\S/;
const BREAKING_FOOTER = /^BREAKING[ -]CHANGE:[ \t]+\S/m;
const MERGE_SUBJECT = /^Merge (?:branch|remote-tracking branch|commit|tag) /;

/** The header and footers of a message; null where the message does not follow the convention. */
export function readConventionalCommit(message: string): ConventionalCommit | null {
  const text = message.replaceAll('\r\n', '\n');
  const match = HEADER.exec(headerOf(text));
  const breaking = BREAKING_FOOTER.test(text.slice(text.indexOf('\n') + 1 || text.length));
  if (!match) return breaking ? { type: '', breaking } : null;
  return { type: match[1]!.toLowerCase(), breaking: match[2] === '!' || breaking };
}

/** GitLab's merge commits carry the merge request's title in their second paragraph. */
function headerOf(text: string): string {
  const lines = text.split('\n');
  if (!MERGE_SUBJECT.test(lines[0]!)) return lines[0]!;
  return lines.slice(1).find(line => line.trim() !== '') ?? '';
}

/**
 * The bump a message asks for; a message outside the convention, or of any other type, is a patch, because every
 * update of the branch is to have a version.
 */
export function conventionalBump(message: string): Bump {
  const commit = readConventionalCommit(message);
  if (commit?.breaking) return 'major';
  return commit?.type === 'feat' || commit?.type === 'feature' ? 'minor' : 'patch';
}

/** autotag's words, for teams that come from it: `[major]`, `#minor` anywhere in the message. */
export function keywordBump(message: string): Bump {
  if (/\[major\]|#major\b/i.test(message)) return 'major';
  return /\[minor\]|#minor\b/i.test(message) ? 'minor' : 'patch';
}
