import { type KeywordClasses, type KeywordFinder, keywordFinder, type ReferenceKeyword } from './keywords.ts';
import { referenceText } from './reference-text.ts';
import { type ReferenceForm, type ScannedReference, scanReferences } from './scan-references.ts';
import { statementEnd } from './statement.ts';

/** An issue that a text is about. */
export interface IssueReference {
  /** Full path of the issue's project; as written, so its case may differ from GitLab's own. */
  project: string;
  iid: number;
  /** The strongest word used for it anywhere in the text. */
  keyword: ReferenceKeyword;
  /** How it was written the first time, for people: `g/p#1`. */
  text: string;
  form: ReferenceForm;
  expand: '' | '+' | '+s';
}

export interface ReferenceOptions {
  /** Full path of the project the text belongs to: `acme/appliance`. */
  project: string;
  /** The instance, as `https://gitlab.example.com` or with a relative root. */
  baseUrl: string;
  /** `markdown` (default): a description. `plain`: a title or a commit message, where nothing is code or quote. */
  syntax?: 'markdown' | 'plain';
  keywords?: KeywordClasses;
  /** At most so many issues, the first ones. Default and upper bound 500, as in GitLab. */
  max?: number;
}

const MOST = 500;
const STRENGTH: readonly ReferenceKeyword[] = ['mentions', 'relates', 'closes'];

/**
 * The issues a text refers to, each once, in order of appearance. Forms: `#1`, `p#1`, `g/p#1`, `GL-1`, `[issue:1]`,
 * `[issue:g/p/1]`, addresses of the instance under `/-/issues/`, `/issues/` and `/-/work_items/`, all with `+` or `+s`.
 * Whether an issue exists, and may be seen, only GitLab knows. Time grows linearly with the text.
 */
export function findReferences(text: string, options: ReferenceOptions): IssueReference[] {
  const found = new Map<string, IssueReference>();
  const finder = keywordFinder(options.keywords);
  const max = Math.min(options.max ?? MOST, MOST);
  for (const paragraph of options.syntax === 'plain' ? [text] : referenceText(text)) {
    for (const { keyword, reference } of classify(paragraph, finder, scanReferences(paragraph, options))) {
      const { project, iid, form, expand } = reference;
      const id = `${project.toLowerCase()}#${iid}`;
      const known = found.get(id);
      if (known === undefined) {
        if (found.size < max) found.set(id, { project, iid, keyword, text: reference.text, form, expand });
      } else if (STRENGTH.indexOf(keyword) > STRENGTH.indexOf(known.keyword)) known.keyword = keyword;
    }
  }
  return [...found.values()];
}

/** Each reference with its word: the one whose list (`Closes #1, #2 and #3`) it stands in. */
function classify(text: string, finder: KeywordFinder, references: readonly ScannedReference[]) {
  const keywords: ReferenceKeyword[] = references.map(() => 'mentions');
  const indexByStart = new Map(references.map((reference, index) => [reference.start, index]));
  let done = 0;
  for (const place of references.length === 0 ? [] : finder(text)) {
    if (place.start < done) continue; // inside the list of the word before
    const statement = statementEnd(text, place.end, references, indexByStart);
    for (const index of statement.members) keywords[index] = place.keyword;
    done = statement.end;
  }
  return references.map((reference, index) => ({ reference, keyword: keywords[index] ?? 'mentions' }));
}
