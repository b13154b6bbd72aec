import { findReferences } from '../../gitlab/references/find-references.ts';
import type { ReferenceKeyword } from '../../gitlab/references/keywords.ts';

export interface MentionedIssue {
  project: string;
  iid: number;
  keyword: ReferenceKeyword;
}

export interface SpokenText {
  /** The full path of the merge request's project. */
  project: string;
  baseUrl: string;
  title: string;
  description: string | null;
}

const STRENGTH: readonly ReferenceKeyword[] = ['mentions', 'relates', 'closes'];

/** The issues that a merge request speaks of in its title and description, each once with its strongest word. */
export function mentionedIssues({ project, baseUrl, title, description }: SpokenText): MentionedIssue[] {
  const found = new Map<string, MentionedIssue>();
  const inTitle = findReferences(title, { project, baseUrl, syntax: 'plain' });
  for (const { project: where, iid, keyword } of [
    ...inTitle,
    ...findReferences(description ?? '', { project, baseUrl }),
  ]) {
    const name = `${where.toLowerCase()}#${iid}`;
    const known = found.get(name);
    if (!known || STRENGTH.indexOf(keyword) > STRENGTH.indexOf(known.keyword)) {
      found.set(name, { project: where, iid, keyword });
    }
  }
  return [...found.values()];
}

/** `This reverts merge request !12`, as GitLab's own button writes it. */
export function revertedBy(description: string | null): number | null {
  const match = /\breverts merge request !(\d{1,10})\b/i.exec(description ?? '');
  return match ? Number(match[1]) : null;
}
