import type { CommitInfo } from '../../git/repository.ts';
import { listeners, publish } from '../delivery/deliver.ts';
import type { Actor } from '../http/call.ts';
import { labelsOf } from '../present/issuable.ts';
import { hookLabel } from '../present/label.ts';
import { hookMergeRequest } from '../present/merge-request.ts';
import { hookProject, hookRepository } from '../present/project.ts';
import { hookUser } from '../present/user.ts';
import type { MergeRequestRecord, ProjectRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import type { Changes } from './changes.ts';

export type MergeRequestAction = 'open' | 'close' | 'reopen' | 'update' | 'merge' | 'approved' | 'unapproved';

/** Sends a merge request event. `oldrev` only when a push caused it. */
export async function mergeRequestEvent(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: MergeRequestRecord,
  action: MergeRequestAction,
  changes: Changes,
  extra: { oldrev?: string } = {},
): Promise<void> {
  const occurrence = { project, actor, trigger: 'merge_requests_events' as const, eventName: 'Merge Request Hook' };
  if (listeners(world, occurrence).length === 0) return;
  const lastCommit = await project.repository.commit(item.headSha);
  publish(world, occurrence, () => {
    const payload = mergeRequestPayload(world, actor, project, item, lastCommit, action, changes);
    Object.assign(payload['object_attributes'] as object, extra);
    return payload;
  });
}

export function mergeRequestPayload(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: MergeRequestRecord,
  lastCommit: CommitInfo | null,
  action: MergeRequestAction | null,
  changes: Changes,
): Record<string, unknown> {
  const users = (ids: number[]) => ids.flatMap(id => world.users.get(id) ?? []).map(hookUser);
  const assignees = users(item.assigneeIds);
  const reviewers = users(item.reviewerIds);
  return {
    object_kind: 'merge_request',
    event_type: 'merge_request',
    user: hookUser(actor.user),
    project: hookProject(world, project),
    object_attributes: {
      ...hookMergeRequest(world, project, item, lastCommit),
      ...(action === null ? {} : { action }),
    },
    labels: labelsOf(world, project, item).map(hookLabel),
    changes,
    repository: hookRepository(world, project),
    ...(assignees.length === 0 ? {} : { assignees }),
    ...(reviewers.length === 0 ? {} : { reviewers }),
  };
}
