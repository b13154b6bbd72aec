import { publish } from '../delivery/deliver.ts';
import type { Actor } from '../http/call.ts';
import { labelsOf } from '../present/issuable.ts';
import { hookIssue } from '../present/issue.ts';
import { hookLabel } from '../present/label.ts';
import { hookProject, hookRepository } from '../present/project.ts';
import { hookUser } from '../present/user.ts';
import type { IssueRecord, ProjectRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import type { Changes } from './changes.ts';

export type IssueAction = 'open' | 'close' | 'reopen' | 'update';

export function issueEvent(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  issue: IssueRecord,
  action: IssueAction,
  changes: Changes,
): void {
  publish(
    world,
    {
      project,
      actor,
      trigger: issue.confidential ? 'confidential_issues_events' : 'issues_events',
      eventName: issue.confidential ? 'Confidential Issue Hook' : 'Issue Hook',
    },
    () => issuePayload(world, actor, project, issue, action, changes),
  );
}

export function issuePayload(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  issue: IssueRecord,
  action: IssueAction | null,
  changes: Changes,
): Record<string, unknown> {
  const assignees = issue.assigneeIds.flatMap(id => world.users.get(id) ?? []).map(hookUser);
  return {
    object_kind: 'issue',
    event_type: issue.confidential ? 'confidential_issue' : 'issue',
    user: hookUser(actor.user),
    project: hookProject(world, project),
    object_attributes: { ...hookIssue(world, project, issue), ...(action === null ? {} : { action }) },
    labels: labelsOf(world, project, issue).map(hookLabel),
    changes,
    repository: hookRepository(world, project),
    ...(assignees.length === 0 ? {} : { assignees }),
  };
}
