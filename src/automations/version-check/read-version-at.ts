import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { extractFromFile } from './extract/extract-from-file.ts';
import { extractFromBranch, extractFromTags } from './extract/extract-from-name.ts';
import type { Extraction } from './extract/extraction.ts';
import { missed } from './extract/extraction.ts';
import type { Extractor } from './extract/extractor.ts';
import { type Attempt, pickVersion } from './extract/pick-version.ts';
import type { Reading } from './facts.ts';
import type { VersionCheckProject } from './settings.ts';

export interface VersionQuestion {
  gitlab: GitLab;
  project: string;
  settings: VersionCheckProject;
  commit: string | null;
  /** The branch's name, where this point has one; the merge base has none. */
  branch: string | null;
}

/** So many of the newest tags are asked whether the commit contains them; each costs a call. */
const TAGS_ASKED = 20;

/** The version at one commit, by the project's list of places. Unreadable is an answer too, and never a silent one. */
export async function readVersionAt(question: VersionQuestion): Promise<Reading> {
  const { settings, commit } = question;
  if (commit === null) return { ok: false, reason: 'no-commit', detail: 'there is no such commit' };
  const attempts: Attempt[] = [];
  for (const extractor of settings.version) {
    const result = await extract(extractor, question, commit);
    if (result === 'commit-not-there') {
      return {
        ok: false,
        reason: 'commit-not-there',
        detail: `GitLab does not know commit ${commit.slice(0, 11)} yet`,
      };
    }
    attempts.push({ place: placeOf(extractor), result });
    if (result.ok && !settings.versions_must_agree) break;
  }
  const picked = pickVersion(attempts, { mustAgree: settings.versions_must_agree, components: settings.compare });
  if (!picked.ok) return { ok: false, reason: picked.reason, detail: picked.detail };
  const { version, line } = picked.found;
  return { ok: true, version, line: line(settings.compare), place: picked.place };
}

async function extract(
  extractor: Extractor,
  { gitlab, project, branch }: VersionQuestion,
  commit: string,
): Promise<Extraction | 'commit-not-there'> {
  switch (extractor.from) {
    case 'file': {
      const answer = await gitlab.repository.readFile(project, extractor.file, commit);
      if (!answer.found && answer.missing === 'commit') return 'commit-not-there';
      return extractFromFile(extractor, answer.found ? { bytes: answer.content } : undefined);
    }
    case 'branch':
      return branch === null
        ? missed('not-found', 'a merge base has no branch name')
        : extractFromBranch(extractor, branch);
    case 'tag':
      return extractFromTags(extractor, await containedTags(gitlab, project, commit));
  }
}

async function containedTags(gitlab: GitLab, project: string, commit: string): Promise<string[]> {
  const tags = await gitlab.repository.newestTags(project, TAGS_ASKED);
  const contained = await Promise.all(
    tags.map(async tag => (await gitlab.repository.mergeBase(project, tag.commit.id, commit)) === tag.commit.id),
  );
  return tags.filter((_, index) => contained[index]).map(tag => tag.name);
}

function placeOf(extractor: Extractor): string {
  return extractor.from === 'file' ? extractor.file : extractor.from === 'branch' ? 'branch name' : 'tag';
}
