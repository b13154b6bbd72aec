import { labelsOf } from '../present/issuable.ts';
import { hookLabel, hookTime } from '../present/label.ts';
import { hookUser } from '../present/user.ts';
import { isDraft } from '../state/mergeability.ts';
import type { IssueRecord, MergeRequestRecord, Noteable, ProjectRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';

export type Snapshot = Record<string, unknown>;
export type Changes = Record<string, { previous: unknown; current: unknown }>;

/** What a webhook's `changes` can speak of, as it stands now. */
export function snapshot(world: World, project: ProjectRecord, item: Noteable): Snapshot {
  const users = (ids: number[]) => ids.flatMap(id => world.users.get(id) ?? []).map(hookUser);
  return {
    title: item.title,
    description: item.description,
    milestone_id: item.milestoneId,
    updated_at: hookTime(item.updatedAt),
    updated_by_id: item.updatedById,
    last_edited_at: hookTime(item.lastEditedAt),
    last_edited_by_id: item.lastEditedById,
    discussion_locked: item.discussionLocked,
    time_estimate: item.timeEstimate,
    total_time_spent: item.timeSpent,
    labels: labelsOf(world, project, item).map(hookLabel),
    assignees: users(item.assigneeIds),
    ...(item.kind === 'issue' ? issueColumns(item) : mergeRequestColumns(item, users)),
  };
}

function issueColumns(issue: IssueRecord): Snapshot {
  return {
    state_id: issue.state === 'opened' ? 1 : 2,
    closed_at: hookTime(issue.closedAt),
    confidential: issue.confidential,
    due_date: issue.dueDate,
    weight: issue.weight,
    relative_position: issue.relativePosition,
    moved_to_id: issue.movedToId,
    duplicated_to_id: issue.duplicatedToId,
  };
}

function mergeRequestColumns(item: MergeRequestRecord, users: (ids: number[]) => unknown[]): Snapshot {
  return {
    state_id: { opened: 1, closed: 2, merged: 3, locked: 4 }[item.state],
    draft: isDraft(item),
    merge_status: item.mergeStatus,
    merge_commit_sha: item.mergeCommitSha,
    merge_when_pipeline_succeeds: item.mergeWhenPipelineSucceeds,
    squash: item.squash,
    reviewers: users(item.reviewerIds),
    prepared_at: hookTime(item.preparedAt),
  };
}

export function differences(before: Snapshot, after: Snapshot): Changes {
  const changes: Changes = {};
  for (const [name, current] of Object.entries(after)) {
    const previous = before[name] ?? null;
    if (JSON.stringify(previous) !== JSON.stringify(current ?? null)) changes[name] = { previous, current };
  }
  return changes;
}

/** Of a new object: every column it was born with. */
export function bornWith(after: Snapshot, names: string[]): Changes {
  return Object.fromEntries(
    names
      .filter(name => after[name] !== null && after[name] !== undefined)
      .map(name => [name, { previous: null, current: after[name] }]),
  );
}
