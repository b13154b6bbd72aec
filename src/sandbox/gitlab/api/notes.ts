import { ApiError, forbidden, notFound } from '../http/api-error.ts';
import { type Actor, type Answer, accepted, type Call, created, noContent, ok } from '../http/call.ts';
import { bool, oneOf, pathInteger, requiredText, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentNote } from '../present/note.ts';
import { actorOf, projectRole } from '../state/access.ts';
import { updateIssue } from '../state/issues.ts';
import { updateMergeRequest } from '../state/merge-requests.ts';
import {
  checkNoteLimit,
  createNote,
  deleteNote,
  editNote,
  mayComment,
  mayEditNote,
  type NewNote,
} from '../state/notes.ts';
import { ACCESS, type Noteable, type NoteRecord, type ProjectRecord } from '../state/records.ts';
import { interpret } from './commands.ts';
import { type Kind, noteableOf, visibleNotes } from './noteables.ts';

export function listNotes(kind: Kind): (call: Call) => Answer {
  return call => {
    const { project, noteable } = noteableOf(call, kind);
    const filter = oneOf(call.input, 'activity_filter', ['all_notes', 'only_comments', 'only_activity']) ?? 'all_notes';
    const field = text(call.input, 'order_by') === 'updated_at' ? 'updatedAt' : 'createdAt';
    const direction = text(call.input, 'sort') === 'asc' ? 1 : -1;
    const notes = visibleNotes(call, project, noteable).filter(
      note => filter === 'all_notes' || (filter === 'only_activity') === note.system,
    );
    const sorted = [...notes].sort(
      (a, b) => direction * (a[field] < b[field] ? -1 : a[field] > b[field] ? 1 : a.id - b.id),
    );
    return offsetPage(call, sorted, note => presentNote(call.world, note));
  };
}

export function noteOf(call: Call, kind: Kind): { project: ProjectRecord; noteable: Noteable; note: NoteRecord } {
  const { project, noteable } = noteableOf(call, kind);
  const id = pathInteger(call, 'note_id');
  const note = visibleNotes(call, project, noteable).find(candidate => candidate.id === id);
  if (note === undefined) throw notFound('Note');
  return { project, noteable, note };
}

export function getNote(kind: Kind): (call: Call) => Answer {
  return call => ok(presentNote(call.world, noteOf(call, kind).note));
}

export function postNote(kind: Kind): (call: Call) => Promise<Answer> {
  return async call => {
    const { project, noteable } = noteableOf(call, kind);
    return comment(call, project, noteable, { body: requiredText(call.input, 'body') });
  };
}

/**
 * Writes a comment from API text: quick actions in it run with the caller's rights. A text of nothing but commands
 * leaves no note: 202 with what was done, or 400 when nothing could be.
 */
export async function comment(
  call: Call,
  project: ProjectRecord,
  noteable: Noteable,
  input: NewNote,
  present: (note: NoteRecord) => unknown = note => presentNote(call.world, note),
): Promise<Answer> {
  const actor = actorOf(call);
  checkNoteLimit(call.world, actor);
  if (!mayComment(call.world, actor, project, noteable)) throw forbidden();
  const commands = interpret(call, actor, project, noteable, input.body);
  const applied = commands.found && (Object.keys(commands.input).length > 0 || commands.after.length > 0);
  if (commands.found && commands.text === '') {
    if (!applied)
      throw new ApiError(400, {
        message: { commands_only: commands.summary, commands: ['Failed to apply commands.'] },
      });
    await runCommands(call, actor, project, noteable, commands);
    return accepted({ commands_changes: commands.changes, summary: [commands.summary.join(' ')] });
  }
  const internal = bool(call.input, 'internal') ?? bool(call.input, 'confidential') ?? input.internal ?? false;
  if (internal && projectRole(call.world, call.user, project) < ACCESS.planner) throw forbidden();
  const mayBackdate = projectRole(call.world, call.user, project) >= ACCESS.owner;
  const createdAt = mayBackdate ? text(call.input, 'created_at') : null;
  const note = await createNote(call.world, actor, project, noteable, {
    ...input,
    body: commands.text,
    internal,
    createdAt: createdAt === null ? null : new Date(createdAt).toISOString(),
  });
  if (commands.found) {
    note.commandsChanges = commands.changes;
    await runCommands(call, actor, project, noteable, commands);
  }
  return created(present(note));
}

async function runCommands(
  call: Call,
  actor: Actor,
  project: ProjectRecord,
  noteable: Noteable,
  commands: ReturnType<typeof interpret>,
): Promise<void> {
  if (noteable.kind === 'issue') updateIssue(call.world, actor, project, noteable, commands.input);
  else await updateMergeRequest(call.world, actor, project, noteable, commands.input);
  for (const job of commands.after) await job();
}

export function putNote(kind: Kind): (call: Call) => Promise<Answer> {
  return async call => {
    const { project, noteable, note } = noteOf(call, kind);
    const actor = actorOf(call);
    if (!mayEditNote(call.world, actor, project, note)) throw forbidden();
    const body = requiredText(call.input, 'body');
    const commands = interpret(call, actor, project, noteable, body);
    await editNote(call.world, actor, project, noteable, note, commands.text === '' ? body : commands.text);
    if (commands.found) await runCommands(call, actor, project, noteable, commands);
    return ok(presentNote(call.world, note));
  };
}

export function removeNote(kind: Kind): (call: Call) => Answer {
  return call => {
    const { project, noteable, note } = noteOf(call, kind);
    if (!mayEditNote(call.world, actorOf(call), project, note)) throw forbidden();
    deleteNote(noteable, note);
    return noContent();
  };
}
