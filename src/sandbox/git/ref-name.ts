import { GitError } from './git-error.ts';

/**
 * What may a branch or tag be called? git-check-ref-format(1), and like GitLab no `-` in front, no name that reads as a
 * full ref, and neither `@` nor `HEAD`.
 */
export function isValidRefName(name: string): boolean {
  if (name === '' || name === '@' || name === 'HEAD' || name.startsWith('-')) return false;
  if (/^refs\/(?:heads|tags|remotes)\//.test(name)) return false;
  // [^\P{Cc}\u0080-\u009f]: the ASCII control characters, the only ones that git minds.
  if (/[~^:?*[\\ ]|[^\P{Cc}\u0080-\u009f]/u.test(name)) return false;
  if (name.includes('..') || name.includes('@{') || name.endsWith('.')) return false;
  return name.split('/').every(part => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}

/** The full ref of a branch or tag; GitLab's words when it cannot be called that. */
export function refOf(kind: 'heads' | 'tags', name: string): string {
  if (!isValidRefName(name)) {
    throw new GitError('invalid', kind === 'heads' ? 'Branch name is invalid' : 'Tag name invalid');
  }
  return `refs/${kind}/${name}`;
}
