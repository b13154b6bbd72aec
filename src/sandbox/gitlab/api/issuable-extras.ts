import { runGit } from '../../git/run-git.ts';
import { ApiError, notFound, refuse } from '../http/api-error.ts';
import { type Answer, type Call, created, type Handler, ok } from '../http/call.ts';
import { bool, integer, requiredInteger } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentPipeline } from '../present/commit.ts';
import { labelTitles } from '../present/issuable.ts';
import { presentIssue } from '../present/issue.ts';
import { presentNote } from '../present/note.ts';
import { presentUserBasic, presentUserId } from '../present/user.ts';
import { actorOf, codeProjectOf, findProject, projectRole } from '../state/access.ts';
import { appendNote, systemNote } from '../state/append-note.ts';
import { createIssue } from '../state/issues.ts';
import { findLabel } from '../state/labels.ts';
import { addPipeline } from '../state/pipelines.ts';
import { ACCESS } from '../state/records.ts';
import { nextId, now } from '../state/world.ts';
import { getCommitDiscussionNotes } from './commit-notes.ts';
import { commitOf } from './commits.ts';
import { mergeRequestOf, presentSingle } from './merge-requests.ts';
import { issueOf, type Kind, noteableOf } from './noteables.ts';

export function subscribeMergeRequest(subscribed: boolean): Handler {
  return call => {
    const { project, item } = mergeRequestOf(call);
    const { user } = actorOf(call);
    if (item.subscribers.has(user.id) === subscribed) throw new ApiError(304, undefined);
    if (subscribed) item.subscribers.add(user.id);
    else item.subscribers.delete(user.id);
    return created(presentSingle(call, project, item));
  };
}

export function listReviewers(call: Call): Answer {
  const { item } = mergeRequestOf(call);
  return offsetPage(call, item.reviewerIds, id => ({
    user: presentUserId(call.world, id),
    state: item.approvedBy.has(id) ? 'approved' : 'unreviewed',
    created_at: item.createdAt,
  }));
}

/** The whole change as one patch, as text. */
export async function getRawDiffs(call: Call): Promise<Answer> {
  const { project, item } = mergeRequestOf(call);
  const diff = item.diffs.at(-1);
  const args = ['diff', '--full-index', '--no-color', diff?.baseSha ?? '', diff?.headSha ?? ''];
  const body = diff === undefined ? Buffer.alloc(0) : await runGit(project.repository.path, args);
  return ok(body, { 'content-type': 'text/plain; charset=utf-8' });
}

/** A new pipeline for the merge request; without a `.gitlab-ci.yml` there is nothing to run. */
export async function postMergeRequestPipeline(call: Call): Promise<Answer> {
  const { project, item } = mergeRequestOf(call);
  const { user } = actorOf(call);
  if ((await project.repository.readFile(item.headSha, '.gitlab-ci.yml')) === null) {
    throw refuse(400, { base: ['Missing CI config file'] });
  }
  const ref = `refs/merge-requests/${item.iid}/head`;
  const source = 'merge_request_event';
  const pipeline = addPipeline(call.world, project, { sha: item.headSha, ref, source, userId: user.id });
  return created(presentPipeline(call.world, project, pipeline.id));
}

/** A to-do item is only answered: the sandbox keeps no list of them. */
export function postTodo(kind: Kind): Handler {
  return call => {
    const { project, noteable } = noteableOf(call, kind);
    const { user } = actorOf(call);
    const at = now(call.world);
    return created({
      id: nextId(call.world, 'todos'),
      project: { id: project.id, name: project.name, path: project.path, path_with_namespace: project.fullPath },
      author: presentUserBasic(call.world, user),
      action_name: 'marked',
      target_type: kind === 'issue' ? 'Issue' : 'MergeRequest',
      target: { id: noteable.id, iid: noteable.iid, title: noteable.title },
      target_url: call.world.baseUrl,
      body: noteable.title,
      state: 'pending',
      created_at: at,
      updated_at: at,
    });
  };
}

/** A copy in this or another project; the original stays open. */
export function cloneIssue(call: Call): Answer {
  const { project, issue } = issueOf(call);
  const { world, input } = call;
  const actor = actorOf(call);
  const target = findProject(world, String(requiredInteger(input, 'to_project_id')));
  if (target === null) throw notFound('Project');
  const allowed = [project, target].every(side => projectRole(world, call.user, side) >= ACCESS.planner);
  if (!allowed) throw refuse(400, 'Cannot clone issue due to insufficient permissions!');
  const labels = labelTitles(world, project, issue).filter(title => findLabel(world, target, title) !== null);
  const { title, description, confidential, assigneeIds, dueDate } = issue;
  const copy = createIssue(world, actor, target, { title, description, confidential, assigneeIds, dueDate, labels });
  for (const note of bool(input, 'with_notes') === true ? issue.notes : []) {
    const { id: _id, noteableId: _noteable, noteableIid: _iid, projectId: _project, ...rest } = note;
    appendNote(world, target, copy, rest);
  }
  systemNote(world, actor, target, copy, 'cloned', `cloned from ${project.fullPath}#${issue.iid}`);
  systemNote(world, actor, project, issue, 'cloned', `cloned to ${target.fullPath}#${copy.iid}`);
  return created(presentIssue(world, target, copy, { viewer: call.user }));
}

/** The order by hand is nowhere shown here: the neighbours must exist, and that is all. */
export function reorderIssue(call: Call): Answer {
  const { project, issue } = issueOf(call);
  for (const name of ['move_after_id', 'move_before_id']) {
    const id = integer(call.input, name);
    if (id !== null && !call.world.issuesById.has(id)) throw notFound('Issue');
  }
  return ok(presentIssue(call.world, project, issue, { viewer: call.user }));
}

/** How many commits lie between the first one and this, both counted. */
export async function getCommitSequence(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  const commit = await commitOf(call, project);
  const firstParent = bool(call.input, 'first_parent') ?? false;
  const commits = await project.repository.log({ revision: commit.sha, firstParent });
  return ok({ count: commits.length });
}

export async function listCommitReplies(call: Call): Promise<Answer> {
  return offsetPage(call, await getCommitDiscussionNotes(call), note => presentNote(call.world, note));
}

/** No tag here is signed. */
export async function getTagSignature(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  const tag = await project.repository.tag(call.params['tag_name'] ?? '');
  throw notFound(tag === null ? 'Tag' : 'Signature');
}
