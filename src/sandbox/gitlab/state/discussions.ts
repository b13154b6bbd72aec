import { mergeRequestEvent } from '../events/merge-request-event.ts';
import type { Actor } from '../http/call.ts';
import { areDiscussionsResolved, type Discussion } from '../present/note.ts';
import { projectRole } from './access.ts';
import { systemNote } from './append-note.ts';
import { resolvableNotes } from './notes.ts';
import { ACCESS, type MergeRequestRecord, type ProjectRecord } from './records.ts';
import { now, since, type World } from './world.ts';

/** Who may resolve: Developers, the merge request's author, and from 18.9 on whoever began the thread. */
export function mayResolve(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: MergeRequestRecord,
  discussion: Discussion,
): boolean {
  if (resolvableNotes(discussion.notes).length === 0) return false;
  if (projectRole(world, actor.user, project) >= ACCESS.developer) return true;
  if (item.authorId === actor.user.id) return true;
  return since(world, 18, 9) && discussion.notes[0]?.authorId === actor.user.id;
}

/** Resolves a thread. When it was the last open one, GitLab notes that and fires an `update`. */
export async function resolveDiscussion(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: MergeRequestRecord,
  discussion: Discussion,
): Promise<void> {
  const wasOpen = !areDiscussionsResolved(item);
  const at = now(world);
  for (const note of resolvableNotes(discussion.notes)) {
    if (note.resolvedAt !== null) continue;
    note.resolvedAt = at;
    note.resolvedById = actor.user.id;
    note.updatedAt = at;
  }
  item.updatedAt = at;
  if (!wasOpen || !areDiscussionsResolved(item)) return;
  systemNote(world, actor, project, item, 'discussion', 'resolved all threads');
  await mergeRequestEvent(world, actor, project, item, 'update', {});
}

/** Opens a thread again; fires nothing. */
export function unresolveDiscussion(world: World, item: MergeRequestRecord, discussion: Discussion): void {
  const at = now(world);
  item.updatedAt = at;
  for (const note of resolvableNotes(discussion.notes)) {
    note.resolvedAt = null;
    note.resolvedById = null;
    note.updatedAt = at;
  }
}
