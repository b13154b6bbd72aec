import { branchReference } from '../../gitlab/references/branch-reference.ts';
import { findReferences } from '../../gitlab/references/find-references.ts';
import type { ReferenceKeyword } from '../../gitlab/references/keywords.ts';

/** Where a merge request may speak of an issue. */
export type ReferenceSource = 'title' | 'description' | 'branch' | 'commits';

export interface MentionedIssue {
  project: string;
  iid: number;
  /** The strongest word used for it anywhere. */
  keyword: ReferenceKeyword;
}

export interface SpokenText {
  /** The full path of the merge request's project. */
  project: string;
  baseUrl: string;
  title: string;
  description: string | null;
  /** Of the source branch; null in a fork, whose branches are numbered after nobody's issues. */
  branch?: string | null;
  commitMessages?: readonly string[];
}

const STRENGTH: readonly ReferenceKeyword[] = ['mentions', 'relates', 'closes'];

/** The issues that a merge request speaks of in these places, each once with its strongest word. */
export function mentionedIssues(
  text: SpokenText,
  sources: readonly ReferenceSource[] = ['title', 'description'],
): MentionedIssue[] {
  const found = new Map<string, MentionedIssue>();
  for (const source of sources) {
    for (const { project, iid, keyword } of readSource(text, source)) {
      const name = `${project.toLowerCase()}#${iid}`;
      const known = found.get(name);
      if (!known || STRENGTH.indexOf(keyword) > STRENGTH.indexOf(known.keyword)) {
        found.set(name, { project, iid, keyword });
      }
    }
  }
  return [...found.values()];
}

function readSource(text: SpokenText, source: ReferenceSource): MentionedIssue[] {
  const { project, baseUrl } = text;
  if (source === 'title') return findReferences(text.title, { project, baseUrl, syntax: 'plain' });
  if (source === 'description') return findReferences(text.description ?? '', { project, baseUrl });
  if (source === 'commits') {
    return (text.commitMessages ?? []).flatMap(message =>
      findReferences(message, { project, baseUrl, syntax: 'plain' }),
    );
  }
  const iid = branchReference(text.branch ?? '');
  // Made for the issue, and no word on whether it finishes it.
  return iid === undefined ? [] : [{ project, iid, keyword: 'relates' }];
}
