import type { Actor } from '../http/call.ts';
import { labelTitles } from '../present/issuable.ts';
import { appendNote, systemNote } from './append-note.ts';
import { closeIssue, createIssue } from './issues.ts';
import { findLabel } from './labels.ts';
import type { IssueRecord, ProjectRecord } from './records.ts';
import type { World } from './world.ts';

/** Moves an issue: a new one over there with its comments and the labels that exist there, the old one closed and pointing to it. */
export function moveIssue(
  world: World,
  actor: Actor,
  from: ProjectRecord,
  issue: IssueRecord,
  to: ProjectRecord,
): IssueRecord {
  const labels = labelTitles(world, from, issue).filter(title => findLabel(world, to, title) !== null);
  const moved = createIssue(world, actor, to, {
    title: issue.title,
    description: issue.description,
    confidential: issue.confidential,
    labels,
    assigneeIds: issue.assigneeIds,
    dueDate: issue.dueDate,
  });
  for (const note of issue.notes) {
    const { id: _id, noteableId: _noteable, noteableIid: _iid, projectId: _project, ...rest } = note;
    appendNote(world, to, moved, rest);
  }
  moved.authorId = issue.authorId;
  issue.movedToId = moved.id;
  systemNote(world, actor, to, moved, 'moved', `moved from ${from.fullPath}#${issue.iid}`);
  systemNote(world, actor, from, issue, 'moved', `moved to ${to.fullPath}#${moved.iid}`);
  closeIssue(world, actor, from, issue);
  return moved;
}
