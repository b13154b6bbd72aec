import { findProject } from '../../config/projects.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { Issue } from '../../gitlab/client/issues.ts';
import { findReferences } from '../../gitlab/references/find-references.ts';
import type { BoardFacts } from './facts.ts';
import type { BoardSettings } from './settings.ts';

/**
 * Where an issue was moved to. GitLab tells the global id only, and by that nobody but an administrator may ask for an issue;
 * the name is in the note that GitLab left, and counts only if the issue of that name has that id.
 */
export async function findMovedTo(
  gitlab: GitLab,
  { project, iid, issue }: { project: string; iid: number; issue: Issue },
  settings: BoardSettings,
): Promise<BoardFacts['movedTo']> {
  if (issue.moved_to_id == null) return undefined;
  const notes = await gitlab.history.systemNotes('issues', project, iid);
  const named = notes
    .filter(note => note.body.startsWith('moved to '))
    .flatMap(note => findReferences(note.body, { project, baseUrl: gitlab.url, syntax: 'plain' }));
  for (const reference of named.toReversed()) {
    const there = await gitlab.issues.find(reference.project, reference.iid);
    if (there?.id !== issue.moved_to_id) continue;
    const configured = findProject(settings.projects, reference.project);
    return {
      issue: `${configured?.project ?? reference.project}#${reference.iid}`,
      hasBoard: configured !== undefined,
    };
  }
  return { issue: null, hasBoard: false };
}
