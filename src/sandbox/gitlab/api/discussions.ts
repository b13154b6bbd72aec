import { badParameter, badRequest, forbidden, notFound } from '../http/api-error.ts';
import { type Answer, type Call, noContent, ok } from '../http/call.ts';
import { bool, has, pathInteger, record, requiredText } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { type Discussion, discussionsOf, findDiscussion, presentDiscussion, presentNote } from '../present/note.ts';
import { actorOf } from '../state/access.ts';
import { mayResolve, resolveDiscussion, unresolveDiscussion } from '../state/discussions.ts';
import { deleteNote, editNote, mayEditNote } from '../state/notes.ts';
import type { Noteable, NoteRecord, ProjectRecord } from '../state/records.ts';
import { type Kind, noteableOf, visibleNotes } from './noteables.ts';
import { comment } from './notes.ts';

interface Found {
  project: ProjectRecord;
  noteable: Noteable;
  discussion: Discussion;
}

function discussionOf(call: Call, kind: Kind): Found {
  const { project, noteable } = noteableOf(call, kind);
  const discussion = findDiscussion(
    { notes: visibleNotes(call, project, noteable) },
    call.params['discussion_id'] ?? '',
  );
  if (discussion === null) throw notFound('Discussion');
  return { project, noteable, discussion };
}

export function listDiscussions(kind: Kind): (call: Call) => Answer {
  return call => {
    const { project, noteable } = noteableOf(call, kind);
    const all = discussionsOf({ notes: visibleNotes(call, project, noteable) });
    return offsetPage(call, all, discussion => presentDiscussion(call.world, discussion));
  };
}

export function getDiscussion(kind: Kind): (call: Call) => Answer {
  return call => ok(presentDiscussion(call.world, discussionOf(call, kind).discussion));
}

/** A new thread: on a merge request it can be resolved, and holds the merge back where the project says so. */
export function postDiscussion(kind: Kind): (call: Call) => Promise<Answer> {
  return async call => {
    const { project, noteable } = noteableOf(call, kind);
    const position = record(call.input, 'position');
    if (position !== null) checkPosition(position);
    const body = requiredText(call.input, 'body');
    return comment(
      call,
      project,
      noteable,
      { body, type: position === null ? 'DiscussionNote' : 'DiffNote', position },
      note => presentDiscussion(call.world, { id: note.discussionId, notes: [note] }),
    );
  };
}

function checkPosition(position: Record<string, unknown>): void {
  const missing = ['base_sha', 'start_sha', 'head_sha', 'position_type'].filter(name => !has(position, name));
  if (missing.length > 0) throw badParameter(missing.map(name => `position[${name}] is missing`).join(', '));
}

/** A reply turns a plain comment into a thread; under a system note there is none. */
export function postReply(kind: Kind): (call: Call) => Promise<Answer> {
  return async call => {
    const { project, noteable, discussion } = discussionOf(call, kind);
    const first = discussion.notes[0]!;
    if (first.system) throw badRequest('Discussion can not be replied to.');
    const answer = await comment(call, project, noteable, {
      body: requiredText(call.input, 'body'),
      discussionId: discussion.id,
      type: first.type ?? 'DiscussionNote',
      internal: first.internal,
    });
    if (answer.status === 201 && first.type === null) first.type = 'DiscussionNote';
    return answer;
  };
}

/** `PUT …/discussions/:id?resolved=`: 403 for those who may not, again and again possible. */
export async function putDiscussion(call: Call): Promise<Answer> {
  const { project, noteable, discussion } = discussionOf(call, 'merge_request');
  const resolved = bool(call.input, 'resolved');
  if (resolved === null) throw badParameter('resolved is missing');
  await setResolved(call, project, noteable, discussion, resolved);
  return ok(presentDiscussion(call.world, discussion));
}

async function setResolved(
  call: Call,
  project: ProjectRecord,
  noteable: Noteable,
  discussion: Discussion,
  resolved: boolean,
): Promise<void> {
  const actor = actorOf(call);
  if (noteable.kind !== 'merge_request' || !mayResolve(call.world, actor, project, noteable, discussion))
    throw forbidden();
  if (resolved) await resolveDiscussion(call.world, actor, project, noteable, discussion);
  else unresolveDiscussion(call.world, noteable, discussion);
}

function replyOf(call: Call, kind: Kind): Found & { note: NoteRecord } {
  const found = discussionOf(call, kind);
  const id = pathInteger(call, 'note_id');
  const note = found.discussion.notes.find(candidate => candidate.id === id);
  if (note === undefined) throw notFound('Note');
  return { ...found, note };
}

export function listReplies(kind: Kind): (call: Call) => Answer {
  return call => offsetPage(call, discussionOf(call, kind).discussion.notes, note => presentNote(call.world, note));
}

export function getReply(kind: Kind): (call: Call) => Answer {
  return call => ok(presentNote(call.world, replyOf(call, kind).note));
}

/** Exactly one of `body` and `resolved`. */
export function putReply(kind: Kind): (call: Call) => Promise<Answer> {
  return async call => {
    const { project, noteable, discussion, note } = replyOf(call, kind);
    const actor = actorOf(call);
    const [body, resolved] = [has(call.input, 'body'), kind === 'merge_request' && has(call.input, 'resolved')];
    if (body && resolved) throw badParameter('body, resolved are mutually exclusive');
    if (!body && !resolved) {
      throw badParameter(
        kind === 'issue' ? 'body is missing' : 'body, resolved are missing, exactly one parameter must be provided',
      );
    }
    if (resolved) {
      await setResolved(
        call,
        project,
        noteable,
        { id: discussion.id, notes: [note] },
        bool(call.input, 'resolved') ?? false,
      );
    } else {
      if (!mayEditNote(call.world, actor, project, note)) throw forbidden();
      await editNote(call.world, actor, project, noteable, note, requiredText(call.input, 'body'));
    }
    return ok(presentNote(call.world, note));
  };
}

export function deleteReply(kind: Kind): (call: Call) => Answer {
  return call => {
    const { project, noteable, note } = replyOf(call, kind);
    if (!mayEditNote(call.world, actorOf(call), project, note)) throw forbidden();
    deleteNote(noteable, note);
    return noContent();
  };
}
