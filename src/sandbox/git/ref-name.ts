import { GitError } from './git-error.ts';

/** git-check-ref-format(1) for a name below `refs/heads/` or `refs/tags/`: what may a branch or tag be called? */
export function isValidRefName(name: string): boolean {
  if (name === '' || name === '@' || name === 'HEAD' || name.startsWith('-')) return false;
  if (/[\x00-\x20\x7f~^:?*[\\]/.test(name)) return false;
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
