import { noteEvent } from '../events/note-event.ts';
import { ApiError, invalid } from '../http/api-error.ts';
import type { Actor } from '../http/call.ts';
import { isResolvable } from '../present/note.ts';
import { projectRole } from './access.ts';
import { appendNote } from './append-note.ts';
import { crossReference } from './cross-references.ts';
import { withinLimit } from './limits.ts';
import { ACCESS, type Noteable, type NoteRecord, type ProjectRecord } from './records.ts';
import { now, type World } from './world.ts';

const BODY_LIMIT = 1_000_000;
const NOTES_LIMIT = 5000;

export interface NewNote {
  body: string;
  internal?: boolean;
  /** A reply goes into this discussion. */
  discussionId?: string;
  type?: NoteRecord['type'];
  position?: Record<string, unknown> | null;
  createdAt?: string | null;
}

/** A comment by a person or bot, with its event and the references it makes. The caller has taken the quick actions out. */
export async function createNote(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  noteable: Noteable,
  input: NewNote,
): Promise<NoteRecord> {
  checkBody(input.body);
  if (noteable.notes.length >= NOTES_LIMIT) {
    throw invalid({ base: ['Maximum number of comments exceeded'] });
  }
  const note = appendNote(world, project, noteable, {
    authorId: actor.user.id,
    body: input.body,
    internal: input.internal ?? false,
    type: input.type ?? null,
    position: input.position ?? null,
    ...(input.discussionId === undefined ? {} : { discussionId: input.discussionId }),
    ...(isResolvedDiscussion(noteable, input.discussionId)
      ? { resolvedAt: now(world), resolvedById: actor.user.id }
      : {}),
    ...(input.createdAt === undefined || input.createdAt === null ? {} : { createdAt: input.createdAt }),
  });
  noteable.updatedAt = now(world);
  noteable.subscribers.add(actor.user.id);
  crossReference(world, actor, project, noteable, note.body);
  await noteEvent(world, actor, project, noteable, note, 'create');
  return note;
}

/** A reply in a resolved thread is resolved from the start: the thread stays as it is. */
function isResolvedDiscussion(noteable: Noteable, discussionId: string | undefined): boolean {
  const resolvable = resolvableNotes(noteable.notes.filter(note => note.discussionId === discussionId));
  return resolvable.length > 0 && resolvable.every(note => note.resolvedAt !== null);
}

/** A new text for a note; only its author (or a Maintainer) may. */
export async function editNote(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  noteable: Noteable,
  note: NoteRecord,
  body: string,
): Promise<void> {
  checkBody(body);
  note.body = body;
  note.updatedAt = now(world);
  note.updatedById = actor.user.id;
  noteable.updatedAt = note.updatedAt;
  crossReference(world, actor, project, noteable, body);
  await noteEvent(world, actor, project, noteable, note, 'update');
}

export function deleteNote(noteable: Pick<Noteable, 'notes'>, note: NoteRecord): void {
  noteable.notes.splice(noteable.notes.indexOf(note), 1);
}

export function mayEditNote(world: World, actor: Actor, project: ProjectRecord, note: NoteRecord): boolean {
  if (note.system) return false;
  return note.authorId === actor.user.id || projectRole(world, actor.user, project) >= ACCESS.maintainer;
}

/** Comments need at least access to the issue; a locked discussion is for members only. */
export function mayComment(world: World, actor: Actor, project: ProjectRecord, noteable: Noteable): boolean {
  const role = projectRole(world, actor.user, project);
  if (noteable.discussionLocked === true) return role >= ACCESS.guest;
  return role >= ACCESS.guest || project.visibility !== 'private';
}

/** GitLab allows 300 comments a minute and user; the answer carries no Retry-After. */
export function checkNoteLimit(world: World, actor: Actor): void {
  const limit = world.settings.limits.notesCreate;
  if (!withinLimit(world, `notes:${actor.user.id}`, limit, 60)) {
    throw new ApiError(429, {
      message: { error: 'This endpoint has been requested too many times. Try again later.' },
    });
  }
}

function checkBody(body: string): void {
  if (body.trim() === '') throw new ApiError(400, { message: { note: ["can't be blank"] } });
  if (body.length > BODY_LIMIT)
    throw invalid({ note: [`is too long (${(body.length / 1_048_576).toFixed(2)} MiB). The maximum size is 1 MiB.`] });
}

export function resolvableNotes(notes: NoteRecord[]): NoteRecord[] {
  return notes.filter(isResolvable);
}
