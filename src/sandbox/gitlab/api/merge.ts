import { mergeRequestEvent } from '../events/merge-request-event.ts';
import { ApiError, forbidden, notAllowed, notFound, refuse, unauthorized } from '../http/api-error.ts';
import { type Answer, accepted, type Call, created, ok } from '../http/call.ts';
import { bool, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { pipelineStatus } from '../present/commit.ts';
import { presentIssue } from '../present/issue.ts';
import { presentUserId } from '../present/user.ts';
import { actorOf, canReadIssue, projectRole } from '../state/access.ts';
import { actingAs } from '../state/acting.ts';
import { systemNote } from '../state/append-note.ts';
import { setAutoMerge } from '../state/auto-merge.ts';
import { resolveReference } from '../state/cross-references.ts';
import { mergeNow } from '../state/merge.ts';
import { commitsOf } from '../state/merge-requests.ts';
import { canMerge, checkMergeability, stateBlocker } from '../state/mergeability.ts';
import { headPipeline, isInProgress } from '../state/pipelines.ts';
import { ACCESS, type IssueRecord } from '../state/records.ts';
import { now } from '../state/world.ts';
import { findReferences } from '../text/references.ts';
import { mergeRequestOf, presentSingle } from './merge-requests.ts';

/** The order of refusals is GitLab's: 401 no right, 405 not in a state to be merged, 422 conflict, 409 another head. */
export async function putMerge(call: Call): Promise<Answer> {
  const { project, item } = mergeRequestOf(call);
  const { input, world } = call;
  const actor = actorOf(call);
  if (!canMerge(world, project, item, call.user)) throw unauthorized();
  const auto = bool(input, 'auto_merge') ?? bool(input, 'merge_when_pipeline_succeeds') ?? false;
  const blocker = stateBlocker(world, project, item);
  const pipeline = headPipeline(project, item);
  const waiting = auto && pipeline !== undefined && isInProgress(project, pipeline);
  if (blocker !== null && !(waiting && blocker === 'ci_must_pass')) throw notAllowed();
  // Asked to wait for a pipeline that is not there, GitLab refuses rather than merge at once.
  if (auto && !waiting && (pipeline === undefined || pipelineStatus(project, pipeline.id) !== 'success'))
    throw notAllowed();
  const sha = text(input, 'sha');
  await checkMergeability(project, item);
  if (item.mergeStatus !== 'can_be_merged') throw refuse(422, 'Branch cannot be merged');
  if (sha !== null && sha !== item.headSha)
    throw refuse(409, `SHA does not match HEAD of source branch: ${item.headSha}`);
  const order = {
    mergeCommitMessage: text(input, 'merge_commit_message'),
    squashCommitMessage: text(input, 'squash_commit_message'),
    squash: bool(input, 'squash'),
    shouldRemoveSourceBranch: bool(input, 'should_remove_source_branch'),
  };
  if (waiting) setAutoMerge(item, { actor, input: order });
  else await mergeNow(world, actor, project, item, order);
  return ok(presentSingle(call, project, item));
}

export function cancelAutoMerge(call: Call): Answer {
  const { item } = mergeRequestOf(call);
  actorOf(call);
  if (!item.mergeWhenPipelineSucceeds) throw new ApiError(406, { message: '406 Not Acceptable' });
  item.mergeWhenPipelineSucceeds = false;
  return created({ status: 'success' });
}

export async function getMergeRef(call: Call): Promise<Answer> {
  const { project, item } = mergeRequestOf(call);
  await checkMergeability(project, item);
  if (item.mergeStatus !== 'can_be_merged') throw refuse(400, 'Merge request is not mergeable');
  return ok({ commit_id: item.headSha });
}

export async function putRebase(call: Call): Promise<Answer> {
  const { project, item } = mergeRequestOf(call);
  const actor = actorOf(call);
  const source = item.sourceProjectId === null ? undefined : call.world.projects.get(item.sourceProjectId);
  if (source === undefined || projectRole(call.world, call.user, source) < ACCESS.developer) throw forbidden();
  const onto = await project.repository.resolve(`refs/heads/${item.targetBranch}`);
  if (onto === null) throw notFound('Branch');
  await actingAs(actor, () =>
    source.repository.rebase({
      branch: item.sourceBranch,
      onto,
      committer: { name: actor.user.name, email: actor.user.email },
    }),
  );
  return accepted({ rebase_in_progress: true });
}

/** Empty whenever the target is not the default branch, whatever the text says. */
export function listClosesIssues(call: Call): Answer {
  const { project, item } = mergeRequestOf(call);
  const issues = item.targetBranch === project.defaultBranch ? item.closesIssueIds : [];
  const found = issues.flatMap(id => call.world.issuesById.get(id) ?? []).filter(issue => visible(call, issue));
  return offsetPage(call, found, issue => presentIssue(call.world, call.world.projects.get(issue.projectId)!, issue));
}

/** Everything the title, description, comments and commits name: a bot's own comment makes an issue "related". */
export async function listRelatedIssues(call: Call): Promise<Answer> {
  const { project, item } = mergeRequestOf(call);
  const { world } = call;
  const actor = actorOf(call);
  const commits = await commitsOf(project, item, 100);
  const texts = [
    item.title,
    item.description ?? '',
    ...item.notes.filter(note => !note.system).map(note => note.body),
    ...commits.map(commit => commit.message),
  ];
  const found = new Map<number, IssueRecord>();
  for (const reference of texts.flatMap(source => findReferences(source, world.baseUrl))) {
    const target = resolveReference(world, actor, project, reference);
    if (target?.item.kind === 'issue') found.set(target.item.id, target.item);
  }
  return offsetPage(call, [...found.values()], issue =>
    presentIssue(world, world.projects.get(issue.projectId)!, issue),
  );
}

function visible(call: Call, issue: IssueRecord): boolean {
  const project = call.world.projects.get(issue.projectId);
  return project !== undefined && canReadIssue(call.world, call.user, project, issue);
}

export async function approve(call: Call): Promise<Answer> {
  const { project, item } = mergeRequestOf(call);
  const actor = actorOf(call);
  if (projectRole(call.world, call.user, project) < ACCESS.developer || item.approvedBy.has(actor.user.id))
    throw unauthorized();
  const sha = text(call.input, 'sha');
  if (sha !== null && sha !== item.headSha)
    throw refuse(409, `SHA does not match HEAD of source branch: ${item.headSha}`);
  item.approvedBy.add(actor.user.id);
  item.updatedAt = now(call.world);
  systemNote(call.world, actor, project, item, 'approved', 'approved this merge request');
  await mergeRequestEvent(call.world, actor, project, item, 'approved', {});
  return created(approvals(call));
}

export async function unapprove(call: Call): Promise<Answer> {
  const { project, item } = mergeRequestOf(call);
  const actor = actorOf(call);
  if (!item.approvedBy.delete(actor.user.id)) throw notFound();
  item.updatedAt = now(call.world);
  systemNote(call.world, actor, project, item, 'unapproved', 'unapproved this merge request');
  await mergeRequestEvent(call.world, actor, project, item, 'unapproved', {});
  return created(approvals(call));
}

/** Only a project or group bot may take all approvals back. */
export function resetApprovals(call: Call): Answer {
  const { item } = mergeRequestOf(call);
  if (!actorOf(call).user.bot) throw unauthorized();
  item.approvedBy.clear();
  return accepted(202); // Grape sends what `status :accepted` gives back
}

export function getApprovals(call: Call): Answer {
  return ok(approvals(call));
}

/** The Enterprise edition's shape, which self-managed instances give without a licence too: only the rules are missing. */
function approvals(call: Call): Record<string, unknown> {
  const { item } = mergeRequestOf(call);
  const hasApproved = call.user !== null && item.approvedBy.has(call.user.id);
  return {
    id: item.id,
    iid: item.iid,
    project_id: item.projectId,
    title: item.title,
    description: item.description,
    state: item.state,
    created_at: item.createdAt,
    updated_at: item.updatedAt,
    merge_status: item.mergeStatus,
    approved: true,
    approvals_required: 0,
    approvals_left: 0,
    require_password_to_approve: false,
    approved_by: [...item.approvedBy].map(id => ({ user: presentUserId(call.world, id), approved_at: item.updatedAt })),
    suggested_approvers: [],
    approvers: [],
    approver_groups: [],
    user_has_approved: hasApproved,
    user_can_approve: call.user !== null && !hasApproved,
    approval_rules_left: [],
    has_approval_rules: false,
    merge_request_approvers_available: false,
    multiple_approval_rules_available: false,
    invalid_approvers_rules: [],
  };
}
