import { noteEvent } from '../events/note-event.ts';
import { badParameter, forbidden, notFound } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent, ok } from '../http/call.ts';
import { integer, oneOf, pathInteger, requiredText, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { type Discussion, discussionsOf, findDiscussion, presentDiscussion, presentNote } from '../present/note.ts';
import { presentUserId } from '../present/user.ts';
import { actorOf, codeProjectOf } from '../state/access.ts';
import { newNote } from '../state/append-note.ts';
import { mayEditNote } from '../state/notes.ts';
import type { NoteRecord, ProjectRecord } from '../state/records.ts';
import { now } from '../state/world.ts';
import { commitOf } from './commits.ts';

/** Comments on commits: a flat list in one API, threads in the other, the same notes in both. */
async function notesOf(call: Call): Promise<{ project: ProjectRecord; sha: string; notes: NoteRecord[] }> {
  const project = codeProjectOf(call);
  const { sha } = await commitOf(call, project);
  const notes = project.commitNotes.get(sha) ?? [];
  project.commitNotes.set(sha, notes);
  return { project, sha, notes };
}

async function write(call: Call, body: string, fields: Partial<NoteRecord>): Promise<NoteRecord> {
  const { project, sha, notes } = await notesOf(call);
  const actor = actorOf(call);
  if (body.trim() === '') throw badParameter('note is empty');
  const about = { noteableType: 'Commit', commitSha: sha, authorId: actor.user.id, body } as const;
  const note = newNote(call.world, project, { ...about, ...fields });
  notes.push(note);
  await noteEvent(call.world, actor, project, null, note, 'create');
  return note;
}

function presentComment(call: Call, note: NoteRecord): Record<string, unknown> {
  return {
    note: note.body,
    path: note.position?.['new_path'] ?? null,
    line: note.position?.['new_line'] ?? null,
    line_type: note.position?.['line_type'] ?? null,
    author: presentUserId(call.world, note.authorId),
    created_at: note.createdAt,
  };
}

export async function listComments(call: Call): Promise<Answer> {
  const { notes } = await notesOf(call);
  return offsetPage(call, notes, note => presentComment(call, note));
}

export async function postComment(call: Call): Promise<Answer> {
  const path = text(call.input, 'path');
  const line = integer(call.input, 'line');
  const type = oneOf(call.input, 'line_type', ['new', 'old']);
  const position = path === null ? null : { new_path: path, new_line: line, line_type: type };
  return created(presentComment(call, await write(call, requiredText(call.input, 'note'), { position })));
}

export async function listCommitDiscussions(call: Call): Promise<Answer> {
  const { notes } = await notesOf(call);
  return offsetPage(call, discussionsOf({ notes }), discussion => presentDiscussion(call.world, discussion));
}

async function discussionOf(
  call: Call,
): Promise<{ project: ProjectRecord; notes: NoteRecord[]; discussion: Discussion }> {
  const { project, notes } = await notesOf(call);
  const discussion = findDiscussion({ notes }, call.params['discussion_id'] ?? '');
  if (discussion === null) throw notFound('Discussion');
  return { project, notes, discussion };
}

export async function getCommitDiscussion(call: Call): Promise<Answer> {
  return ok(presentDiscussion(call.world, (await discussionOf(call)).discussion));
}

export async function getCommitDiscussionNotes(call: Call): Promise<NoteRecord[]> {
  return (await discussionOf(call)).discussion.notes;
}

export async function postCommitDiscussion(call: Call): Promise<Answer> {
  const note = await write(call, requiredText(call.input, 'body'), { type: 'DiscussionNote' });
  return created(presentDiscussion(call.world, { id: note.discussionId, notes: [note] }));
}

export async function postCommitReply(call: Call): Promise<Answer> {
  const { discussion } = await discussionOf(call);
  const note = await write(call, requiredText(call.input, 'body'), {
    type: 'DiscussionNote',
    discussionId: discussion.id,
  });
  return created(presentNote(call.world, note));
}

async function replyOf(call: Call): Promise<{ project: ProjectRecord; notes: NoteRecord[]; note: NoteRecord }> {
  const { project, notes, discussion } = await discussionOf(call);
  const id = pathInteger(call, 'note_id');
  const note = discussion.notes.find(candidate => candidate.id === id);
  if (note === undefined) throw notFound('Note');
  return { project, notes, note };
}

export async function getCommitReply(call: Call): Promise<Answer> {
  return ok(presentNote(call.world, (await replyOf(call)).note));
}

export async function putCommitReply(call: Call): Promise<Answer> {
  const { project, note } = await replyOf(call);
  if (!mayEditNote(call.world, actorOf(call), project, note)) throw forbidden();
  note.body = requiredText(call.input, 'body');
  note.updatedAt = now(call.world);
  return ok(presentNote(call.world, note));
}

export async function deleteCommitReply(call: Call): Promise<Answer> {
  const { project, notes, note } = await replyOf(call);
  if (!mayEditNote(call.world, actorOf(call), project, note)) throw forbidden();
  notes.splice(notes.indexOf(note), 1);
  return noContent();
}

/** No commit here is signed. */
export async function getSignature(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  await commitOf(call, project);
  throw notFound('Signature');
}
