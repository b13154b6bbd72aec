import { randomBytes } from 'node:crypto';
import type { Actor } from '../http/call.ts';
import type { Noteable, NoteRecord, ProjectRecord } from './records.ts';
import { nextId, now, type World } from './world.ts';

function newDiscussionId(): string {
  return randomBytes(20).toString('hex');
}

type NewNote = Partial<NoteRecord> & { authorId: number; body: string };

/** A note as it begins, in a thread of its own unless `fields` say otherwise. */
export function newNote(
  world: World,
  project: ProjectRecord,
  fields: NewNote & Pick<NoteRecord, 'noteableType'>,
): NoteRecord {
  const at = fields.createdAt ?? now(world);
  return {
    id: nextId(world, 'notes'),
    discussionId: newDiscussionId(),
    type: null,
    noteableId: null,
    noteableIid: null,
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
}

/** Puts a note down, whoever it is from; no events, no permissions. */
export function appendNote(world: World, project: ProjectRecord, noteable: Noteable, fields: NewNote): NoteRecord {
  const note = newNote(world, project, {
    noteableType: noteable.kind === 'issue' ? 'Issue' : 'MergeRequest',
    noteableId: noteable.id,
    noteableIid: noteable.iid,
    ...fields,
  });
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
