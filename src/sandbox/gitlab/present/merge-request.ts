import type { CommitInfo } from '../../git/repository.ts';
import { detailedMergeStatus, discussionsBlock, isDraft } from '../state/mergeability.ts';
import type { MergeRequestRecord, ProjectRecord, UserRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { pipelineStatus, presentPipeline } from './commit.ts';
import { labelsOf, references, taskStatus, timeStats, userNotesCount, votes } from './issuable.ts';
import { hookLabel, hookTime, presentLabelDetail } from './label.ts';
import { presentMilestoneId } from './milestone.ts';
import { hookProject } from './project.ts';
import { commitUrl, mergeRequestUrl } from './urls.ts';
import { presentUserId } from './user.ts';

/** `MergeRequestBasic`: one element of a list. */
export function presentMergeRequest(
  world: World,
  project: ProjectRecord,
  item: MergeRequestRecord,
  view: { labelDetails?: boolean } = {},
): Record<string, unknown> {
  const assignees = item.assigneeIds.map(id => presentUserId(world, id));
  const labels = labelsOf(world, project, item);
  const merger = presentUserId(world, item.mergeUserId);
  return {
    id: item.id,
    iid: item.iid,
    project_id: project.id,
    title: item.title,
    description: item.description,
    state: item.state,
    created_at: item.createdAt,
    updated_at: item.updatedAt,
    merged_by: item.state === 'merged' ? merger : null,
    merge_user: merger,
    merged_at: item.mergedAt,
    closed_by: presentUserId(world, item.closedById),
    closed_at: item.closedAt,
    target_branch: item.targetBranch,
    source_branch: item.sourceBranch,
    user_notes_count: userNotesCount(item),
    ...votes(item),
    author: presentUserId(world, item.authorId),
    assignees,
    assignee: assignees[0] ?? null,
    reviewers: item.reviewerIds.map(id => presentUserId(world, id)),
    source_project_id: item.sourceProjectId,
    target_project_id: project.id,
    labels:
      view.labelDetails === true
        ? labels.map(label => presentLabelDetail(world, label))
        : labels.map(label => label.title),
    draft: isDraft(item),
    imported: false,
    imported_from: 'none',
    work_in_progress: isDraft(item),
    milestone: presentMilestoneId(world, item.milestoneId),
    merge_when_pipeline_succeeds: item.mergeWhenPipelineSucceeds,
    merge_status: item.mergeStatus,
    detailed_merge_status: detailedMergeStatus(world, project, item),
    merge_after: null,
    sha: item.headSha,
    merge_commit_sha: item.mergeCommitSha,
    squash_commit_sha: item.squashCommitSha,
    discussion_locked: item.discussionLocked,
    should_remove_source_branch: item.shouldRemoveSourceBranch,
    force_remove_source_branch: item.forceRemoveSourceBranch,
    prepared_at: item.preparedAt,
    ...(item.sourceProjectId === project.id
      ? {}
      : { allow_collaboration: item.allowCollaboration, allow_maintainer_to_push: item.allowCollaboration }),
    reference: `!${item.iid}`,
    references: references(project, item),
    web_url: mergeRequestUrl(world, project, item),
    time_stats: timeStats(item),
    squash: item.squash,
    squash_on_merge: item.squash,
    task_completion_status: taskStatus(item),
    has_conflicts: item.mergeStatus === 'cannot_be_merged',
    blocking_discussions_resolved: !discussionsBlock(project, item),
    ...(world.settings.tier === 'free' ? {} : { approvals_before_merge: null }),
  };
}

/** `MergeRequest`: the single one. `diverged` and `rebasing` only when the caller asked for them. */
export function presentMergeRequestDetail(
  world: World,
  project: ProjectRecord,
  item: MergeRequestRecord,
  view: { viewer: UserRecord | null; canMerge: boolean; divergedCommits?: number },
): Record<string, unknown> {
  const diff = item.diffs.at(-1);
  const pipeline = [...project.pipelines.values()].findLast(candidate => candidate.sha === item.headSha);
  return {
    ...presentMergeRequest(world, project, item),
    subscribed: view.viewer !== null && item.subscribers.has(view.viewer.id),
    // Empty until prepared; GitLab's schema wants a string all the same.
    changes_count: item.changesCount === null ? '' : String(item.changesCount),
    latest_build_started_at: null,
    latest_build_finished_at: null,
    first_deployed_to_production_at: null,
    pipeline: pipeline === undefined ? null : presentPipeline(world, project, pipeline.id),
    head_pipeline:
      pipeline === undefined
        ? null
        : {
            ...presentPipeline(world, project, pipeline.id),
            detailed_status: { group: pipelineStatus(project, pipeline.id) },
          },
    diff_refs: diff === undefined ? null : { base_sha: diff.baseSha, head_sha: diff.headSha, start_sha: diff.startSha },
    merge_error: item.mergeError,
    ...(view.divergedCommits === undefined ? {} : { diverged_commits_count: view.divergedCommits }),
    rebase_in_progress: false,
    first_contribution: false,
    user: { can_merge: view.canMerge },
  };
}

const STATE_IDS = { opened: 1, closed: 2, merged: 3, locked: 4 };

/** The merge request inside a webhook; `source` is null when the fork was deleted, and the target's head is nowhere. */
export function hookMergeRequest(
  world: World,
  project: ProjectRecord,
  item: MergeRequestRecord,
  lastCommit: CommitInfo | null,
): Record<string, unknown> {
  const source = item.sourceProjectId === null ? undefined : world.projects.get(item.sourceProjectId);
  const stats = timeStats(item);
  const pipeline = [...project.pipelines.values()].findLast(candidate => candidate.sha === item.headSha);
  return {
    assignee_id: item.assigneeIds[0] ?? null,
    author_id: item.authorId,
    created_at: hookTime(item.createdAt),
    description: item.description,
    draft: isDraft(item),
    head_pipeline_id: pipeline?.id ?? null,
    id: item.id,
    iid: item.iid,
    last_edited_at: hookTime(item.lastEditedAt),
    last_edited_by_id: item.lastEditedById,
    merge_commit_sha: item.mergeCommitSha,
    merge_error: item.mergeError,
    merge_params: { force_remove_source_branch: item.forceRemoveSourceBranch === true ? '1' : '0' },
    merge_status: item.mergeStatus,
    merge_user_id: item.mergeUserId,
    merge_when_pipeline_succeeds: item.mergeWhenPipelineSucceeds,
    milestone_id: item.milestoneId,
    source_branch: item.sourceBranch,
    source_project_id: item.sourceProjectId,
    state_id: STATE_IDS[item.state],
    target_branch: item.targetBranch,
    target_project_id: project.id,
    time_estimate: item.timeEstimate,
    title: item.title,
    updated_at: hookTime(item.updatedAt),
    updated_by_id: item.updatedById,
    prepared_at: hookTime(item.preparedAt),
    assignee_ids: item.assigneeIds,
    blocking_discussions_resolved: !discussionsBlock(project, item),
    detailed_merge_status: detailedMergeStatus(world, project, item),
    first_contribution: false,
    human_time_change: null,
    human_time_estimate: stats['human_time_estimate'],
    human_total_time_spent: stats['human_total_time_spent'],
    labels: labelsOf(world, project, item).map(hookLabel),
    last_commit: lastCommit === null || source === undefined ? null : hookCommit(world, source, lastCommit),
    reviewer_ids: item.reviewerIds,
    source: source === undefined ? null : hookProject(world, source),
    state: item.state,
    target: hookProject(world, project),
    time_change: 0,
    total_time_spent: item.timeSpent,
    url: mergeRequestUrl(world, project, item),
    work_in_progress: isDraft(item),
    ...(world.settings.tier === 'free' ? {} : { approval_rules: [] }),
  };
}

export function hookCommit(world: World, project: ProjectRecord, commit: CommitInfo): Record<string, unknown> {
  return {
    id: commit.sha,
    message: commit.message,
    title: commit.title,
    timestamp: commit.committedDate.replace(/\.\d+/, ''),
    url: commitUrl(world, project, commit.sha),
    author: { name: commit.authorName, email: commit.authorEmail },
  };
}
