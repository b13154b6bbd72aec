import type { Documents } from '../../engine/documents/documents.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { type Builds, createBuilds } from './gather-builds.ts';
import { createInventory, type Inventory } from './gather-issue.ts';
import type { RacesSettings } from './settings.ts';

/** What the looks of this automation have to do with. */
export interface RacesContext {
  gitlab: GitLab;
  documents: Documents;
  settings: RacesSettings;
  inventory: Inventory;
  builds: Builds;
  /** The labels that issues of the project can have. */
  labels(now: number): Promise<string[]>;
  /** The suppression file on the default branch; null when there is none. */
  suppressionFile(now: number): Promise<string | null>;
}

/** Five hundred races of one scan ask the same: what changes seldom is asked once in this time. */
const KEPT = 30_000;

export function racesContext(
  gitlab: GitLab,
  documents: Documents,
  settings: RacesSettings,
  now: () => number,
): RacesContext {
  const { project, suppressions } = settings;
  return {
    gitlab,
    documents,
    settings,
    inventory: createInventory(gitlab, settings, now),
    builds: createBuilds(gitlab, project, now),
    labels: keptFor(KEPT, () => gitlab.issues.labelTitles(project)),
    suppressionFile: keptFor(KEPT, async () => {
      const branch = (await gitlab.projects.find(project))?.default_branch;
      if (!branch || suppressions === false) return null;
      const answer = await gitlab.repository.readFile(project, suppressions, branch);
      return answer.found ? answer.content.toString('utf8') : null;
    }),
  };
}

/** An answer that is kept for a while; a failed one is not. */
function keptFor<T>(time: number, ask: () => Promise<T>): (now: number) => Promise<T> {
  let kept: { at: number; answer: Promise<T> } | null = null;
  return now => {
    if (kept === null || now - kept.at > time) {
      const answer = ask();
      kept = { at: now, answer };
      answer.catch(() => {
        kept = null;
      });
    }
    return kept.answer;
  };
}
