import { randomBytes } from 'node:crypto';
import type { Actor } from '../http/call.ts';
import type { Noteable, NoteRecord, ProjectRecord } from './records.ts';
import { nextId, now, type World } from './world.ts';

export function newDiscussionId(): string {
  return randomBytes(20).toString('hex');
}

/** Puts a note down, whoever it is from; no events, no permissions. */
export function appendNote(
  world: World,
  project: ProjectRecord,
  noteable: Noteable,
  fields: Partial<NoteRecord> & { authorId: number; body: string },
): NoteRecord {
  const at = fields.createdAt ?? now(world);
  const note: NoteRecord = {
    id: nextId(world, 'notes'),
    discussionId: newDiscussionId(),
    type: null,
    noteableType: noteable.kind === 'issue' ? 'Issue' : 'MergeRequest',
    noteableId: noteable.id,
    noteableIid: noteable.iid,
    projectId: project.id,
    commitSha: null,
    system: false,
    systemAction: null,
    internal: false,
    createdAt: at,
    updatedAt: at,
    updatedById: null,
    resolvedAt: null,
    resolvedById: null,
    position: null,
    commandsChanges: {},
    awards: [],
    ...fields,
  };
  noteable.notes.push(note);
  return note;
}

/** What GitLab itself writes under an issue or merge request; it fires no event. */
export function systemNote(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  noteable: Noteable,
  action: string,
  body: string,
): NoteRecord {
  return appendNote(world, project, noteable, { authorId: actor.user.id, body, system: true, systemAction: action });
}
