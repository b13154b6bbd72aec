import { notFound } from '../http/api-error.ts';
import type { Call } from '../http/call.ts';
import { pathInteger } from '../http/input.ts';
import { canReadIssue, projectOf, projectRole } from '../state/access.ts';
import type { IssueRecord, Noteable, NoteRecord, ProjectRecord } from '../state/records.ts';
import { ACCESS } from '../state/records.ts';

export type Kind = 'issue' | 'merge_request';

export function issueOf(call: Call): { project: ProjectRecord; issue: IssueRecord } {
  const project = projectOf(call);
  const issue = project.issues.get(pathInteger(call, 'iid'));
  if (issue === undefined || !project.settings.issuesEnabled || !canReadIssue(call.world, call.user, project, issue))
    throw notFound();
  return { project, issue };
}

/** The issue or merge request a note route speaks of; `404 Not found` if the caller may not see it. */
export function noteableOf(call: Call, kind: Kind): { project: ProjectRecord; noteable: Noteable } {
  if (kind === 'issue') {
    const { project, issue } = issueOf(call);
    return { project, noteable: issue };
  }
  const project = projectOf(call);
  const noteable = project.mergeRequests.get(pathInteger(call, 'iid'));
  if (noteable === undefined) throw notFound();
  return { project, noteable };
}

/** Internal notes are for Reporters and up. */
export function visibleNotes(call: Call, project: ProjectRecord, noteable: Pick<Noteable, 'notes'>): NoteRecord[] {
  if (!noteable.notes.some(note => note.internal)) return noteable.notes;
  if (projectRole(call.world, call.user, project) >= ACCESS.planner) return noteable.notes;
  return noteable.notes.filter(note => !note.internal || note.authorId === call.user?.id);
}
