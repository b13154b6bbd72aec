import type { MilestoneRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { groupUrl, projectUrl } from './urls.ts';

export function presentMilestone(world: World, milestone: MilestoneRecord): Record<string, unknown> {
  const project = milestone.projectId === null ? undefined : world.projects.get(milestone.projectId);
  const group = milestone.groupId === null ? undefined : world.groups.get(milestone.groupId);
  const owner = project === undefined ? groupUrl(world, group!) : projectUrl(world, project);
  return {
    id: milestone.id,
    iid: milestone.iid,
    ...(project === undefined ? { group_id: milestone.groupId } : { project_id: milestone.projectId }),
    title: milestone.title,
    description: milestone.description,
    state: milestone.state,
    created_at: milestone.createdAt,
    updated_at: milestone.updatedAt,
    due_date: milestone.dueDate,
    start_date: milestone.startDate,
    expired: milestone.dueDate !== null && Date.parse(milestone.dueDate) < Date.now() - 86_400_000,
    web_url: `${owner}/-/milestones/${milestone.iid}`,
  };
}

export function findMilestone(world: World, id: number | null): MilestoneRecord | null {
  if (id === null) return null;
  for (const owner of [...world.projects.values(), ...world.groups.values()]) {
    const milestone = owner.milestones.get(id);
    if (milestone !== undefined) return milestone;
  }
  return null;
}

export function presentMilestoneId(world: World, id: number | null): Record<string, unknown> | null {
  const milestone = findMilestone(world, id);
  return milestone === null ? null : presentMilestone(world, milestone);
}
