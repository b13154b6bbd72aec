import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { WrittenIssue } from '../../gitlab/client/issue-texts.ts';
import { readMarker } from '../../gitlab/text/marker.ts';
import { MARKER } from './status-block.ts';

/** Our issues by what their markers say; how the links are found again when the database is lost. */
export interface Inventory {
  /** The newest issue about the race, as far as it was known some minutes ago. */
  find(fingerprint: string): Promise<WrittenIssue | null>;
  /** The newest issue about the race, asked for now; only those with a higher number than `after`. */
  search(fingerprint: string, after: number): Promise<WrittenIssue | null>;
  /** A day's digest, asked for now. */
  digest(key: string): Promise<WrittenIssue | null>;
}

const STALE = 10 * 60_000;

export function createInventory(
  gitlab: GitLab,
  { project, label }: { project: string; label: string },
  now: () => number,
): Inventory {
  let loaded: { at: number; issues: Promise<WrittenIssue[]> } | null = null;

  async function list(): Promise<WrittenIssue[]> {
    const me = await gitlab.me();
    // By author as well: a person may write a marker by hand.
    return gitlab.issueTexts.list(project, { labels: label, author_id: me.id, state: 'all', order_by: 'created_at' });
  }

  function known(): Promise<WrittenIssue[]> {
    if (loaded === null || now() - loaded.at > STALE) {
      const issues = list();
      loaded = { at: now(), issues };
      issues.catch(() => {
        loaded = null;
      });
    }
    return loaded.issues;
  }

  return {
    find: async fingerprint => newest(await known(), MARKER.race, `race:${fingerprint}`, 0),
    search: async (fingerprint, after) => newest(await list(), MARKER.race, `race:${fingerprint}`, after),
    digest: async key => newest(await list(), MARKER.digest, key, 0),
  };
}

function newest(issues: readonly WrittenIssue[], kind: string, key: string, after: number): WrittenIssue | null {
  const ours = issues
    .filter(issue => issue.iid > after && readMarker(issue.description ?? '', kind)?.key === key)
    .toSorted((a, b) => b.iid - a.iid);
  return ours[0] ?? null;
}
