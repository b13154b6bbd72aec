import type { IssueRecord, ProjectRecord, UserRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { labelsOf, references, taskStatus, timeStats, userNotesCount, votes } from './issuable.ts';
import { hookLabel, hookTime, presentLabelDetail } from './label.ts';
import { presentMilestoneId } from './milestone.ts';
import { issueUrl } from './urls.ts';
import { presentUserId } from './user.ts';

export interface IssueView {
  /** Of a single issue: whether the viewer is subscribed. */
  viewer?: UserRecord | null;
  labelDetails?: boolean;
}

export function presentIssue(
  world: World,
  project: ProjectRecord,
  issue: IssueRecord,
  view: IssueView = {},
): Record<string, unknown> {
  const assignees = issue.assigneeIds.map(id => presentUserId(world, id));
  const api = `${world.baseUrl}/api/v4/projects/${project.id}`;
  const tasks = taskStatus(issue);
  const duplicate = issue.duplicatedToId === null ? undefined : world.issuesById.get(issue.duplicatedToId);
  const labels = labelsOf(world, project, issue);
  return {
    id: issue.id,
    iid: issue.iid,
    project_id: project.id,
    title: issue.title,
    description: issue.description,
    state: issue.state,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    closed_by: presentUserId(world, issue.closedById),
    labels:
      view.labelDetails === true
        ? labels.map(label => presentLabelDetail(world, label))
        : labels.map(label => label.title),
    milestone: presentMilestoneId(world, issue.milestoneId),
    assignees,
    author: presentUserId(world, issue.authorId),
    type: issue.issueType.toUpperCase(),
    assignee: assignees[0] ?? null,
    user_notes_count: userNotesCount(issue),
    merge_requests_count: closingCount(project, issue),
    ...votes(issue),
    due_date: issue.dueDate,
    confidential: issue.confidential,
    discussion_locked: issue.discussionLocked,
    issue_type: issue.issueType,
    web_url: issueUrl(world, project, issue),
    time_stats: timeStats(issue),
    task_completion_status: tasks,
    ...(world.settings.tier === 'free'
      ? {}
      : { weight: issue.weight, epic_iid: null, epic: null, iteration: null, health_status: null }),
    blocking_issues_count: issue.links.filter(link => link.type === 'blocks').length,
    has_tasks: tasks.count > 0,
    ...(tasks.count > 0 ? { task_status: `${tasks.completed_count} of ${tasks.count} checklist items completed` } : {}),
    _links: {
      self: `${api}/issues/${issue.iid}`,
      notes: `${api}/issues/${issue.iid}/notes`,
      award_emoji: `${api}/issues/${issue.iid}/award_emoji`,
      project: api,
      closed_as_duplicate_of:
        duplicate === undefined
          ? null
          : `${world.baseUrl}/api/v4/projects/${duplicate.projectId}/issues/${duplicate.iid}`,
    },
    references: references(project, issue),
    severity: issue.severity,
    ...(view.viewer === undefined ? {} : { subscribed: view.viewer !== null && issue.subscribers.has(view.viewer.id) }),
    moved_to_id: issue.movedToId,
    imported: false,
    imported_from: 'none',
    service_desk_reply_to: null,
  };
}

function closingCount(project: ProjectRecord, issue: IssueRecord): number {
  let count = 0;
  for (const mergeRequest of project.mergeRequests.values())
    if (mergeRequest.closesIssueIds.includes(issue.id)) count += 1;
  return count;
}

/** The issue inside a webhook: database columns, with dates in the hooks' own form. */
export function hookIssue(world: World, project: ProjectRecord, issue: IssueRecord): Record<string, unknown> {
  const stats = timeStats(issue);
  return {
    author_id: issue.authorId,
    closed_at: hookTime(issue.closedAt),
    confidential: issue.confidential,
    created_at: hookTime(issue.createdAt),
    description: issue.description,
    discussion_locked: issue.discussionLocked,
    due_date: issue.dueDate,
    id: issue.id,
    iid: issue.iid,
    last_edited_at: hookTime(issue.lastEditedAt),
    last_edited_by_id: issue.lastEditedById,
    milestone_id: issue.milestoneId,
    moved_to_id: issue.movedToId,
    duplicated_to_id: issue.duplicatedToId,
    project_id: issue.projectId,
    relative_position: issue.relativePosition,
    state_id: issue.state === 'opened' ? 1 : 2,
    time_estimate: issue.timeEstimate,
    title: issue.title,
    updated_at: hookTime(issue.updatedAt),
    updated_by_id: issue.updatedById,
    type: { issue: 'Issue', incident: 'Incident', task: 'Task', test_case: 'Test Case' }[issue.issueType],
    url: issueUrl(world, project, issue),
    total_time_spent: issue.timeSpent,
    time_change: 0,
    human_total_time_spent: stats['human_total_time_spent'],
    human_time_change: null,
    human_time_estimate: stats['human_time_estimate'],
    assignee_ids: issue.assigneeIds,
    assignee_id: issue.assigneeIds[0] ?? null,
    labels: labelsOf(world, project, issue).map(hookLabel),
    state: issue.state,
    severity: issue.severity.toLowerCase(),
    ...(world.settings.tier === 'free' ? {} : { weight: issue.weight, health_status: null }),
  };
}
