import { listeners, publish } from '../delivery/deliver.ts';
import type { Actor } from '../http/call.ts';
import { hookIssue } from '../present/issue.ts';
import { hookTime } from '../present/label.ts';
import { hookCommit, hookMergeRequest } from '../present/merge-request.ts';
import { hookProject, hookRepository } from '../present/project.ts';
import { commitUrl, noteUrl } from '../present/urls.ts';
import { hookUser } from '../present/user.ts';
import type { Noteable, NoteRecord, ProjectRecord } from '../state/records.ts';
import { since, type World } from '../state/world.ts';

/** Tells of a comment, written or edited. System notes fire nothing. */
export async function noteEvent(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  noteable: Noteable | null,
  note: NoteRecord,
  action: 'create' | 'update',
): Promise<void> {
  // Edits are told from 16.11 on, the same release that began to say which it is.
  if (note.system || (action === 'update' && !since(world, 16, 11))) return;
  const hidden = note.internal || (noteable?.kind === 'issue' && noteable.confidential);
  const occurrence = {
    project,
    actor,
    trigger: hidden ? ('confidential_note_events' as const) : ('note_events' as const),
    eventName: hidden ? 'Confidential Note Hook' : 'Note Hook',
  };
  if (listeners(world, occurrence).length === 0) return;
  const payload = await notePayload(world, actor, project, noteable, note, action);
  publish(world, occurrence, () => payload);
}

export async function notePayload(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  noteable: Noteable | null,
  note: NoteRecord,
  action: 'create' | 'update',
): Promise<Record<string, unknown>> {
  const subjectSha = noteable?.kind === 'merge_request' ? noteable.headSha : note.commitSha;
  const commit = subjectSha === null ? null : await project.repository.commit(subjectSha);
  const hidden = note.internal || (noteable?.kind === 'issue' && noteable.confidential);
  return {
    object_kind: 'note',
    event_type: hidden ? 'confidential_note' : 'note',
    user: hookUser(actor.user),
    project_id: project.id,
    project: hookProject(world, project),
    object_attributes: {
      attachment: null,
      author_id: note.authorId,
      change_position: null,
      commit_id: note.commitSha,
      created_at: hookTime(note.createdAt),
      discussion_id: note.discussionId,
      id: note.id,
      internal: note.internal,
      line_code: null,
      note: note.body,
      noteable_id: note.noteableId,
      noteable_type: note.noteableType,
      original_position: note.position,
      position: note.position,
      project_id: project.id,
      resolved_at: hookTime(note.resolvedAt),
      resolved_by_id: note.resolvedById,
      resolved_by_push: null,
      st_diff: null,
      system: note.system,
      type: note.type,
      updated_at: hookTime(note.updatedAt),
      updated_by_id: note.updatedById,
      description: note.body,
      url:
        noteable === null
          ? `${commitUrl(world, project, note.commitSha ?? '')}#note_${note.id}`
          : noteUrl(world, project, noteable, note),
      ...(since(world, 16, 11) ? { action } : {}),
    },
    repository: hookRepository(world, project),
    ...(noteable?.kind === 'issue' ? { issue: hookIssue(world, project, noteable) } : {}),
    ...(noteable?.kind === 'merge_request'
      ? { merge_request: hookMergeRequest(world, project, noteable, commit) }
      : {}),
    ...(noteable === null && commit !== null ? { commit: hookCommit(world, project, commit) } : {}),
  };
}
