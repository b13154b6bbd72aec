import type { Noteable, NoteRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { presentUserId } from './user.ts';

/** Can this note be resolved? Threads on merge requests can, comments on issues and plain comments cannot. */
export function isResolvable(note: NoteRecord): boolean {
  return note.noteableType === 'MergeRequest' && note.type !== null && !note.system;
}

export function presentNote(world: World, note: NoteRecord): Record<string, unknown> {
  const resolvable = isResolvable(note);
  return {
    id: note.id,
    type: note.type,
    body: note.body,
    author: presentUserId(world, note.authorId),
    created_at: note.createdAt,
    updated_at: note.updatedAt,
    system: note.system,
    noteable_id: note.noteableId,
    noteable_type: note.noteableType,
    project_id: note.projectId,
    ...(note.noteableType === 'Commit' ? { commit_id: note.commitSha } : {}),
    ...(note.type === 'DiffNote' ? { commit_id: note.commitSha, position: note.position } : {}),
    ...(note.position !== null ? { suggestions: [] } : {}),
    resolvable,
    ...(resolvable
      ? {
          resolved: note.resolvedAt !== null,
          resolved_by: presentUserId(world, note.resolvedById),
          resolved_at: note.resolvedAt,
        }
      : {}),
    confidential: note.internal,
    internal: note.internal,
    imported: false,
    imported_from: 'none',
    noteable_iid: note.noteableIid,
    commands_changes: note.commandsChanges,
  };
}

export interface Discussion {
  id: string;
  notes: NoteRecord[];
}

/** The notes of an issue or merge request, thread by thread, in the order they began. */
export function discussionsOf(noteable: Pick<Noteable, 'notes'>): Discussion[] {
  const threads = new Map<string, NoteRecord[]>();
  for (const note of noteable.notes) {
    const thread = threads.get(note.discussionId);
    if (thread === undefined) threads.set(note.discussionId, [note]);
    else thread.push(note);
  }
  return [...threads].map(([id, notes]) => ({ id, notes }));
}

export function findDiscussion(noteable: Pick<Noteable, 'notes'>, id: string): Discussion | null {
  const notes = noteable.notes.filter(note => note.discussionId === id);
  return notes.length === 0 ? null : { id, notes };
}

export function isDiscussionResolvable(discussion: Discussion): boolean {
  return discussion.notes.some(isResolvable);
}

export function isDiscussionResolved(discussion: Discussion): boolean {
  return discussion.notes.every(note => !isResolvable(note) || note.resolvedAt !== null);
}

/** What "all threads must be resolved" looks at. */
export function areDiscussionsResolved(noteable: Pick<Noteable, 'notes'>): boolean {
  return noteable.notes.every(note => !isResolvable(note) || note.resolvedAt !== null);
}

export function presentDiscussion(world: World, discussion: Discussion): Record<string, unknown> {
  return {
    id: discussion.id,
    individual_note: discussion.notes.length === 1 && discussion.notes[0]?.type === null,
    notes: discussion.notes.map(note => presentNote(world, note)),
  };
}
