import { notFound } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent, ok } from '../http/call.ts';
import { bool, pathInteger, record, requiredText, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { findDiscussion } from '../present/note.ts';
import { actorOf } from '../state/access.ts';
import { resolveDiscussion } from '../state/discussions.ts';
import { createNote } from '../state/notes.ts';
import type { MergeRequestRecord } from '../state/records.ts';
import { nextId } from '../state/world.ts';
import { type Found, mergeRequestOf } from './merge-requests.ts';

interface DraftNote {
  id: number;
  authorId: number;
  note: string;
  discussionId: string | null;
  resolveDiscussion: boolean;
  position: Record<string, unknown> | null;
}

/** Unpublished comments of a review: nobody but their author sees them, and they are gone with the merge request. */
const drafts = new WeakMap<MergeRequestRecord, DraftNote[]>();

function ownDrafts(call: Call): Found & { own: DraftNote[] } {
  const { project, item } = mergeRequestOf(call);
  const { user } = actorOf(call);
  return { project, item, own: (drafts.get(item) ?? []).filter(draft => draft.authorId === user.id) };
}

function draftOf(call: Call): Found & { draft: DraftNote } {
  const { project, item, own } = ownDrafts(call);
  const draft = own.find(candidate => candidate.id === pathInteger(call, 'draft_note_id'));
  if (draft === undefined) throw notFound('DraftNote');
  return { project, item, draft };
}

function present(item: MergeRequestRecord, draft: DraftNote): Record<string, unknown> {
  return {
    id: draft.id,
    author_id: draft.authorId,
    merge_request_id: item.id,
    resolve_discussion: draft.resolveDiscussion,
    discussion_id: draft.discussionId,
    note: draft.note,
    commit_id: null,
    line_code: null,
    position: draft.position ?? { base_sha: null, start_sha: null, head_sha: null, position_type: 'text' },
  };
}

function remove(item: MergeRequestRecord, draft: DraftNote): void {
  const rest = (drafts.get(item) ?? []).filter(candidate => candidate !== draft);
  drafts.set(item, rest);
}

export function listDraftNotes(call: Call): Answer {
  const { item, own } = ownDrafts(call);
  return offsetPage(call, own, draft => present(item, draft));
}

export function getDraftNote(call: Call): Answer {
  const { item, draft } = draftOf(call);
  return ok(present(item, draft));
}

export function postDraftNote(call: Call): Answer {
  const { item } = mergeRequestOf(call);
  const { input, world } = call;
  const discussionId = text(input, 'in_reply_to_discussion_id');
  if (discussionId !== null && findDiscussion(item, discussionId) === null) throw notFound('Discussion');
  const draft: DraftNote = {
    id: nextId(world, 'draft_notes'),
    authorId: actorOf(call).user.id,
    note: requiredText(input, 'note'),
    discussionId,
    resolveDiscussion: bool(input, 'resolve_discussion') ?? false,
    position: record(input, 'position'),
  };
  drafts.set(item, [...(drafts.get(item) ?? []), draft]);
  return created(present(item, draft));
}

export function putDraftNote(call: Call): Answer {
  const { item, draft } = draftOf(call);
  draft.note = text(call.input, 'note') ?? draft.note;
  draft.position = record(call.input, 'position') ?? draft.position;
  return ok(present(item, draft));
}

export function deleteDraftNote(call: Call): Answer {
  const { item, draft } = draftOf(call);
  remove(item, draft);
  return noContent();
}

async function publish(call: Call, { project, item }: Found, draft: DraftNote): Promise<void> {
  const actor = actorOf(call);
  remove(item, draft);
  const discussion = draft.discussionId === null ? null : findDiscussion(item, draft.discussionId);
  await createNote(call.world, actor, project, item, {
    body: draft.note,
    type: discussion === null ? null : 'DiscussionNote',
    ...(discussion === null ? {} : { discussionId: discussion.id }),
  });
  if (discussion === null || !draft.resolveDiscussion) return;
  const withReply = findDiscussion(item, discussion.id);
  if (withReply !== null) await resolveDiscussion(call.world, actor, project, item, withReply);
}

export async function publishDraftNote(call: Call): Promise<Answer> {
  const { project, item, draft } = draftOf(call);
  await publish(call, { project, item }, draft);
  return noContent();
}

export async function publishDraftNotes(call: Call): Promise<Answer> {
  const { project, item, own } = ownDrafts(call);
  for (const draft of own) await publish(call, { project, item }, draft);
  return noContent();
}
