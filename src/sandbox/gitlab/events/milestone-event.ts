import { publish } from '../delivery/deliver.ts';
import type { Actor } from '../http/call.ts';
import { hookTime } from '../present/label.ts';
import { hookProject } from '../present/project.ts';
import type { MilestoneRecord, ProjectRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';

export function milestoneEvent(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  milestone: MilestoneRecord,
  action: 'create' | 'close' | 'reopen' | 'delete',
): void {
  publish(world, { project, actor, trigger: 'milestone_events', eventName: 'Milestone Hook' }, () => ({
    object_kind: 'milestone',
    event_type: 'milestone',
    project: hookProject(world, project),
    object_attributes: {
      id: milestone.id,
      iid: milestone.iid,
      title: milestone.title,
      description: milestone.description,
      state: milestone.state,
      created_at: hookTime(milestone.createdAt),
      updated_at: hookTime(milestone.updatedAt),
      due_date: milestone.dueDate,
      start_date: milestone.startDate,
      group_id: milestone.groupId,
      project_id: milestone.projectId,
    },
    action,
  }));
}
