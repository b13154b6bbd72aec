/** How a reference was written. */
export type ReferenceForm = 'short' | 'sibling' | 'full' | 'url' | 'gl' | 'bracket';

/** A reference to an issue at its place in a text. */
export interface ScannedReference {
  start: number;
  /** One past its last character. */
  end: number;
  /** Full path, as written or completed from the project in which the text stands. */
  project: string;
  iid: number;
  form: ReferenceForm;
  /** `#1+` shows the title, `#1+s` a summary too. */
  expand: '' | '+' | '+s';
  /** As written, for people. */
  text: string;
}

export interface ScanContext {
  /** Full path of the project the text belongs to: `acme/appliance`. */
  project: string;
  /** The instance, as `https://gitlab.example.com` or with a relative root. */
  baseUrl: string;
}

// One pass, each alternative begins with a fixed sign, and nothing repeats inside a repetition.
const CANDIDATE =
  /https?:\/\/[^\s<>\ufffc]+|\[(?:issue|work_item):(?<bracket>[^\s[\]\ufffc]{1,1000})\]|(?<![\w-])GL-(?<gl>\d{1,20})(?!\w)(?:\+s?(?!\w))?|#(?<hash>\d{1,20})(?!\w)(?:\+s?(?!\w))?/g;
const NAMESPACE = /^(?:[A-Za-z0-9_.][\w.-]{0,254}[\w-]|[A-Za-z0-9_])$/;
const PROJECT = /^[A-Za-z0-9_.][\w.-]{0,254}$/;
/** A path that is longer is none; also the bound on how far one `#1` may look back. */
const LONGEST_PATH = 1000;

/** Every issue reference that GitLab would see in running text, in order, and never overlapping. */
export function scanReferences(text: string, context: ScanContext): ScannedReference[] {
  const found: ScannedReference[] = [];
  let after = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const reference = read(text, match, after, context);
    if (reference !== undefined) found.push(reference);
    after = match.index + match[0].length;
  }
  return found;
}

function read(text: string, match: RegExpExecArray, after: number, context: ScanContext): ScannedReference | undefined {
  const { bracket, gl, hash } = match.groups ?? {};
  const [written, end] = [match[0], match.index + match[0].length];
  if (bracket !== undefined) return readBracket(bracket, written, match.index, context);
  if (gl !== undefined) {
    return checked({
      start: match.index,
      end,
      project: context.project,
      iid: Number(gl),
      form: 'gl',
      expand: expansion(written),
      text: written,
    });
  }
  if (hash === undefined) return readUrl(written, match.index, context);
  const path = pathBefore(text, match.index, after);
  if (path === undefined) return undefined;
  const start = match.index - path.length;
  const form = path === '' ? 'short' : path.includes('/') ? 'full' : 'sibling';
  const project = complete(path.replace(/^\//, ''), context.project);
  return checked({
    start,
    end,
    project,
    iid: Number(hash),
    form,
    expand: expansion(written),
    text: text.slice(start, end),
  });
}

function readBracket(content: string, text: string, start: number, context: ScanContext): ScannedReference | undefined {
  const match = /^(?:\/?([\w./-]{1,990})\/)?(\d{1,20})(?:\+s?)?$/.exec(content);
  const path = match?.[1] ?? '';
  if (match === null || longestPath(path) !== path) return undefined;
  const project = complete(path, context.project);
  const expand = expansion(content);
  return checked({ start, end: start + text.length, project, iid: Number(match[2]), form: 'bracket', expand, text });
}

function readUrl(source: string, start: number, context: ScanContext): ScannedReference | undefined {
  const url = trimmedEnd(source, '?!.,:');
  const base = context.baseUrl.replace(/\/+$/, '').replace(/^https?:/i, '');
  const address = url.replace(/^https?:/i, '');
  if (!address.toLowerCase().startsWith(`${base.toLowerCase()}/`)) return undefined;
  const match = /^([^?#]{1,1000}?)(?:\/-)?\/(?:issues|work_items)\/(\d{1,20})(?!\w)/.exec(
    address.slice(base.length + 1),
  );
  const path = match?.[1] ?? '';
  // `/groups/g/-/work_items/5` is a work item of a group: no project has it.
  if (match === null || !path.includes('/') || path.startsWith('groups/') || longestPath(path) !== path)
    return undefined;
  const text = trimmedEnd(url, '?!.,:;)]}\'"*_');
  const iid = Number(match[2]);
  return checked({ start, end: start + url.length, project: path, iid, form: 'url', expand: expansion(text), text });
}

function expansion(written: string): ScannedReference['expand'] {
  if (written.endsWith('+s')) return '+s';
  return written.endsWith('+') ? '+' : '';
}

/** The project in front of a `#`: '' for none, undefined where GitLab reads a path that cannot exist (`see...#1`). */
function pathBefore(text: string, hash: number, after: number): string | undefined {
  let start = hash;
  const limit = Math.max(after, hash - LONGEST_PATH);
  while (start > limit && /[\w./-]/.test(text.charAt(start - 1))) start--;
  const path = longestPath(text.slice(start, hash));
  if (path.endsWith('.')) return undefined;
  // A full path may begin with a slash, and then a closing word has to meet the slash.
  const slash = hash - path.length - 1;
  const rooted =
    path.includes('/') && text.charAt(slash) === '/' && slash >= limit && !/[\w.]/.test(text.charAt(slash - 1));
  return rooted ? `/${path}` : path;
}

/** The longest end of `run` that is a path of GitLab's. */
function longestPath(run: string): string {
  const segments = run.split('/');
  const last = segments.pop() ?? '';
  const project = last.replace(/^-+/, '');
  if (!PROJECT.test(project) || /\.(?:git|atom)$/.test(project)) return '';
  let path = project;
  if (project !== last) return path;
  for (let namespace = segments.pop(); namespace !== undefined; namespace = segments.pop()) {
    if (!NAMESPACE.test(namespace) || /\.(?:git|atom)$/.test(namespace)) break;
    path = `${namespace}/${path}`;
  }
  return path;
}

function complete(path: string, own: string): string {
  if (path === '') return own;
  return path.includes('/') ? path : `${own.slice(0, own.lastIndexOf('/') + 1)}${path}`;
}

/** GitLab keeps the number in 32 bits; what does not fit, and zero, is no issue. */
function checked(reference: ScannedReference): ScannedReference | undefined {
  return reference.iid >= 1 && reference.iid <= 2_147_483_647 ? reference : undefined;
}

function trimmedEnd(text: string, characters: string): string {
  let length = text.length;
  while (length > 0 && characters.includes(text.charAt(length - 1))) length--;
  return text.slice(0, length);
}
