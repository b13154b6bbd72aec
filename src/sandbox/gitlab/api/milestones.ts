import { milestoneEvent } from '../events/milestone-event.ts';
import { invalid, notFound } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent, ok } from '../http/call.ts';
import { has, integers, oneOf, pathInteger, requiredText, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentIssue } from '../present/issue.ts';
import { presentMergeRequest } from '../present/merge-request.ts';
import { presentMilestone } from '../present/milestone.ts';
import { actorOf, canReadIssue, groupOf, projectGroups, projectOf } from '../state/access.ts';
import { ACCESS, type GroupRecord, type MilestoneRecord, type ProjectRecord } from '../state/records.ts';
import { nextId, now } from '../state/world.ts';
import { visibleProjects } from './projects.ts';

type Scope = 'project' | 'group';
type Owner = ProjectRecord | GroupRecord;

function ownerOf(call: Call, scope: Scope, minimum = 0): Owner {
  return scope === 'project' ? projectOf(call, minimum) : groupOf(call, minimum);
}

function milestoneOf(call: Call, owner: Owner): MilestoneRecord {
  const milestone = owner.milestones.get(pathInteger(call, 'milestone_id'));
  if (milestone === undefined) throw notFound('Milestone');
  return milestone;
}

export function listMilestones(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope);
    const { input } = call;
    const iids = integers(input, 'iids');
    const state = oneOf(input, 'state', ['active', 'closed', 'all']) ?? 'all';
    const title = text(input, 'title');
    const search = text(input, 'search')?.toLowerCase();
    const found = [...owner.milestones.values()].filter(
      milestone =>
        (iids === null || iids.includes(milestone.iid)) &&
        (state === 'all' || milestone.state === state) &&
        (title === null || milestone.title === title) &&
        (search === undefined || `${milestone.title} ${milestone.description}`.toLowerCase().includes(search)),
    );
    return offsetPage(call, found.reverse(), milestone => presentMilestone(call.world, milestone));
  };
}

export function getMilestone(scope: Scope): (call: Call) => Answer {
  return call => ok(presentMilestone(call.world, milestoneOf(call, ownerOf(call, scope))));
}

export function postMilestone(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope, ACCESS.planner);
    const { input, world } = call;
    const title = requiredText(input, 'title');
    checkTitle(owner, title, null);
    const at = now(world);
    const milestone: MilestoneRecord = {
      id: nextId(world, 'milestones'),
      iid: owner.milestones.size + 1,
      projectId: scope === 'project' ? owner.id : null,
      groupId: scope === 'group' ? owner.id : null,
      title,
      description: text(input, 'description') ?? '',
      state: 'active',
      startDate: day(text(input, 'start_date')),
      dueDate: day(text(input, 'due_date')),
      createdAt: at,
      updatedAt: at,
    };
    owner.milestones.set(milestone.id, milestone);
    if ('repository' in owner) milestoneEvent(world, actorOf(call), owner, milestone, 'create');
    return created(presentMilestone(world, milestone));
  };
}

function checkTitle(owner: Owner, title: string, self: MilestoneRecord | null): void {
  if (title.trim() === '') throw invalid({ title: ["can't be blank"] });
  if ([...owner.milestones.values()].some(other => other !== self && other.title === title)) {
    throw invalid({ title: ['has already been taken'] });
  }
}

function day(value: string | null): string | null {
  if (value === null || value === '') return null;
  const date = /^\d{4}-\d{2}-\d{2}/.exec(value)?.[0];
  if (date === undefined) throw invalid({ due_date: ['is invalid'] });
  return date;
}

export function putMilestone(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope, ACCESS.planner);
    const milestone = milestoneOf(call, owner);
    const { input, world } = call;
    const title = text(input, 'title');
    if (title !== null) {
      checkTitle(owner, title, milestone);
      milestone.title = title;
    }
    if (has(input, 'description')) milestone.description = text(input, 'description') ?? '';
    if (has(input, 'start_date')) milestone.startDate = day(text(input, 'start_date'));
    if (has(input, 'due_date')) milestone.dueDate = day(text(input, 'due_date'));
    const event = oneOf(input, 'state_event', ['close', 'activate']);
    milestone.updatedAt = now(world);
    if (event !== null) {
      milestone.state = event === 'close' ? 'closed' : 'active';
      if ('repository' in owner)
        milestoneEvent(world, actorOf(call), owner, milestone, event === 'close' ? 'close' : 'reopen');
    }
    return ok(presentMilestone(world, milestone));
  };
}

export function deleteMilestone(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope, ACCESS.planner);
    const milestone = milestoneOf(call, owner);
    owner.milestones.delete(milestone.id);
    for (const items of [call.world.issuesById, call.world.mergeRequestsById]) {
      for (const item of items.values()) if (item.milestoneId === milestone.id) item.milestoneId = null;
    }
    if ('repository' in owner) milestoneEvent(call.world, actorOf(call), owner, milestone, 'delete');
    return noContent();
  };
}

export function listMilestoneItems(scope: Scope, kind: 'issues' | 'mergeRequests'): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope);
    const milestone = milestoneOf(call, owner);
    const projects =
      'repository' in owner
        ? [owner]
        : visibleProjects(call).filter(project => projectGroups(call.world, project).includes(owner));
    const found = projects.flatMap(project =>
      [...project[kind].values()].filter(item => item.milestoneId === milestone.id).map(item => ({ project, item })),
    );
    const visible = found.filter(
      ({ project, item }) => item.kind !== 'issue' || canReadIssue(call.world, call.user, project, item),
    );
    return offsetPage(call, visible, ({ project, item }) =>
      item.kind === 'issue' ? presentIssue(call.world, project, item) : presentMergeRequest(call.world, project, item),
    );
  };
}

export function promoteMilestone(call: Call): Answer {
  const project = projectOf(call, ACCESS.planner);
  const milestone = milestoneOf(call, project);
  const group = projectGroups(call.world, project)[0];
  if (group === undefined) throw notFound('Group');
  project.milestones.delete(milestone.id);
  milestone.projectId = null;
  milestone.groupId = group.id;
  milestone.iid = group.milestones.size + 1;
  group.milestones.set(milestone.id, milestone);
  return created(presentMilestone(call.world, milestone));
}
