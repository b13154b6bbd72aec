/** What a text says it takes back. */
export interface Reverted {
  /** `acme/appliance!12`, the project in lower case. */
  mergeRequests: string[];
  /** Commit ids, possibly abbreviated. */
  commits: string[];
}

const MERGE_REQUEST = /\breverts merge request\s+(\S{2,1000})/gi;
const COMMIT = /\breverts commit\s+([0-9a-f]{7,64})\b/gi;
const SHORT = /^([\w./-]*)!(\d{1,10})(?!\w)/;
const ADDRESS = /^([^?#\s]{1,900}?)\/-\/merge_requests\/(\d{1,10})(?!\w)/;

/**
 * `This reverts merge request !12` and `This reverts commit 0123abc…`, as GitLab's own buttons and git write them; the merge
 * request also by its full name, a neighbour's name or its address.
 */
export function revertedBy(text: string, { project, baseUrl }: { project: string; baseUrl: string }): Reverted {
  const mergeRequests = [...text.matchAll(MERGE_REQUEST)].flatMap(
    match => mergeRequestName(match[1] ?? '', project, baseUrl) ?? [],
  );
  const commits = [...text.matchAll(COMMIT)].map(match => (match[1] ?? '').toLowerCase());
  return { mergeRequests: [...new Set(mergeRequests)], commits: [...new Set(commits)] };
}

/** `!12`, `group/project!12`, a neighbour's `project!12` or an address, as one name in lower case; null for anything else. */
export function mergeRequestName(reference: string, project: string, baseUrl: string): string | null {
  const root = `${baseUrl.replace(/\/+$/, '')}/`.toLowerCase();
  if (reference.toLowerCase().startsWith(root)) {
    const [, path, iid] = ADDRESS.exec(reference.slice(root.length)) ?? [];
    return path === undefined ? null : `${path.toLowerCase()}!${Number(iid)}`;
  }
  const [, path, iid] = SHORT.exec(reference) ?? [];
  if (path === undefined) return null;
  const full = path.includes('/') ? path.replace(/^\//, '') : `${project.slice(0, project.lastIndexOf('/'))}/${path}`;
  return `${(path === '' ? project : full).toLowerCase()}!${Number(iid)}`;
}
