import type { Changes } from '../events/changes.ts';
import { mergeRequestEvent } from '../events/merge-request-event.ts';
import { ApiError, invalid } from '../http/api-error.ts';
import type { Actor } from '../http/call.ts';
import { crossReference } from './cross-references.ts';
import { applyShared, checkTexts, newIssuable } from './issuables.ts';
import { changeLabels } from './labels.ts';
import { type MergeRequestInput, refreshClosedIssues, reloadDiff, setReviewers } from './merge-requests.ts';
import { checkMergeability } from './mergeability.ts';
import { startMergeRequestPipeline } from './pipelines.ts';
import type { MergeRequestRecord, ProjectRecord } from './records.ts';
import { later, now, type World } from './world.ts';

/**
 * Opens a merge request. The answer comes before it is prepared: diff, mergeability, closed issues and cross-references
 * follow in the background, and only then the `open` hook fires.
 */
export async function createMergeRequest(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  source: ProjectRecord,
  input: MergeRequestInput & { title: string; sourceBranch: string; targetBranch: string },
): Promise<MergeRequestRecord> {
  checkTexts(input);
  const headSha = await checkBranches(project, source, input);
  const item = registerMergeRequest(world, actor, project, source, headSha, input);
  changeLabels(world, actor, project, item, { set: input.labels ?? [], add: input.addLabels ?? [] });
  const { title: _title, description: _description, labels: _labels, addLabels: _add, ...rest } = input;
  applyShared(world, actor, project, item, rest);
  if (input.reviewerIds !== undefined) setReviewers(world, actor, project, item, input.reviewerIds);
  later(world, () => prepare(world, actor, project, item));
  return item;
}

/** Puts an unprepared merge request into its project; no checks, no events. */
export function registerMergeRequest(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  source: ProjectRecord,
  headSha: string,
  input: MergeRequestInput & { title: string; sourceBranch: string; targetBranch: string },
): MergeRequestRecord {
  const at = now(world);
  const item: MergeRequestRecord = {
    ...newIssuable(world, actor, project.id, 'merge_requests', at),
    kind: 'merge_request',
    iid: project.nextIids.mergeRequest++,
    title: input.title,
    description: input.description ?? null,
    state: 'opened',
    sourceProjectId: source.id,
    sourceBranch: input.sourceBranch,
    targetBranch: input.targetBranch,
    reviewerIds: [],
    headSha,
    diffs: [],
    mergeStatus: 'checking',
    preparedAt: null,
    mergedAt: null,
    mergeUserId: null,
    mergeCommitSha: null,
    squashCommitSha: null,
    mergeError: null,
    squash: input.squash ?? ['always', 'default_on'].includes(project.settings.squashOption),
    forceRemoveSourceBranch: input.removeSourceBranch ?? null,
    shouldRemoveSourceBranch: null,
    allowCollaboration: input.allowCollaboration ?? false,
    mergeWhenPipelineSucceeds: false,
    changesCount: null,
    closesIssueIds: [],
    approvedBy: new Set(),
  };
  project.mergeRequests.set(item.iid, item);
  world.mergeRequestsById.set(item.id, item);
  return item;
}

async function checkBranches(
  project: ProjectRecord,
  source: ProjectRecord,
  input: { sourceBranch: string; targetBranch: string },
): Promise<string> {
  if (source.id === project.id && input.sourceBranch === input.targetBranch) {
    throw new ApiError(422, { error: ["You can't use same project/branch for source and target"] });
  }
  for (const other of project.mergeRequests.values()) {
    const same =
      other.sourceProjectId === source.id &&
      other.sourceBranch === input.sourceBranch &&
      other.targetBranch === input.targetBranch;
    if (same && other.state === 'opened') {
      throw new ApiError(409, {
        message: [`Another open merge request already exists for this source branch: !${other.iid}`],
      });
    }
  }
  const head = await source.repository.resolve(`refs/heads/${input.sourceBranch}`);
  if (head === null) throw invalid({ source_branch: ['does not exist'] });
  if ((await project.repository.resolve(`refs/heads/${input.targetBranch}`)) === null)
    throw invalid({ target_branch: ['does not exist'] });
  return head;
}

async function prepare(world: World, actor: Actor, project: ProjectRecord, item: MergeRequestRecord): Promise<void> {
  await reloadDiff(world, project, item);
  await startMergeRequestPipeline(world, actor.user.id, project, item);
  await checkMergeability(project, item);
  await refreshClosedIssues(world, actor, project, item);
  crossReference(world, actor, project, item, `${item.title}\n\n${item.description ?? ''}`);
  item.preparedAt = now(world);
  item.updatedAt = item.preparedAt;
  const changes: Changes = {
    merge_status: { previous: 'checking', current: item.mergeStatus },
    updated_at: { previous: null, current: item.updatedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC') },
  };
  await mergeRequestEvent(world, actor, project, item, 'open', changes);
}
