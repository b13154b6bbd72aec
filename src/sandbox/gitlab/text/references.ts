import { withoutCode } from './blocks.ts';

/** An issue or merge request that a text names. `project` is null when the text gives none (`#12`). */
export interface Reference {
  kind: 'issue' | 'merge_request';
  project: string | null;
  iid: number;
}

const PATH = '[A-Za-z0-9_.][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_.][A-Za-z0-9_.-]*)*';
const SHORT = new RegExp(`(?<![\\w&/#!-])(?<!\\\\)(${PATH})?(?<!\\\\)([#!])(\\d{1,20})(?=\\W|$)(?!\\.\\d)`, 'g');
const BRACKET = new RegExp(`(?<!\\\\)\\[issue:(?:(${PATH})/)?(\\d{1,20})\\]`, 'g');
const GL = /(?<![\w-])GL-(\d{1,20})(?=\W|$)/g;

/** Everything a text refers to, code left out: `#1`, `group/project!2`, `GL-3`, `[issue:4]`, and addresses of this instance. */
export function findReferences(source: string, baseUrl: string): Reference[] {
  const text = withoutCode(source);
  const found: Reference[] = [];
  const urls = new RegExp(
    `${baseUrl.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}/(${PATH})(?:/-)?/(issues|work_items|merge_requests)/(\\d{1,20})(?=\\W|$)`,
    'g',
  );
  const rest = text.replaceAll(urls, (_match, path: string, kind: string, iid: string) => {
    found.push({
      kind: kind === 'merge_requests' ? 'merge_request' : 'issue',
      project: path.replace(/\/-$/, ''),
      iid: Number(iid),
    });
    return ' ';
  });
  // Other addresses keep their `#anchors` to themselves.
  const plain = rest.replaceAll(/https?:\/\/\S+/g, ' ');
  for (const [, path, sign, iid] of plain.matchAll(SHORT)) {
    found.push({ kind: sign === '#' ? 'issue' : 'merge_request', project: path ?? null, iid: Number(iid) });
  }
  for (const [, path, iid] of plain.matchAll(BRACKET))
    found.push({ kind: 'issue', project: path ?? null, iid: Number(iid) });
  for (const [, iid] of plain.matchAll(GL)) found.push({ kind: 'issue', project: null, iid: Number(iid) });
  return found;
}
