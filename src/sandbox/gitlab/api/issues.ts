import { ApiError, badParameter, forbidden, notFound, refuse } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent, ok } from '../http/call.ts';
import { bool, has, integer, oneOf, requiredInteger, requiredText, text } from '../http/input.ts';
import { keysetPage, offsetPage, wantsKeyset } from '../http/paginate.ts';
import { presentIssue } from '../present/issue.ts';
import { presentMergeRequest } from '../present/merge-request.ts';
import { presentUserId } from '../present/user.ts';
import { actorOf, canReadIssue, findProject, groupOf, projectGroups, projectOf, projectRole } from '../state/access.ts';
import { createIssue, deleteIssue, type IssueInput, updateIssue } from '../state/issues.ts';
import { withinLimit } from '../state/limits.ts';
import { moveIssue } from '../state/move-issue.ts';
import { ACCESS, type IssueRecord, type MergeRequestRecord, type ProjectRecord } from '../state/records.ts';
import { interpret } from './commands.ts';
import { orderRows, type Row, sharedFilter } from './filter-issuables.ts';
import { tooMany } from './hooks.ts';
import { CHANGEABLE, readIssueInput } from './issue-input.ts';
import { issueOf } from './noteables.ts';
import { visibleProjects } from './projects.ts';

function rowsOf(call: Call, projects: ProjectRecord[]): Row<IssueRecord>[] {
  const { input, world, user } = call;
  const test = sharedFilter(call);
  const confidential = bool(input, 'confidential');
  const type = oneOf(input, 'issue_type', ['issue', 'incident', 'test_case', 'task']);
  const rows: Row<IssueRecord>[] = [];
  for (const project of projects) {
    if (!project.settings.issuesEnabled) continue;
    for (const issue of project.issues.values()) {
      if (confidential !== null && issue.confidential !== confidential) continue;
      if (type !== null && issue.issueType !== type) continue;
      if (issue.confidential && !canReadIssue(world, user, project, issue)) continue;
      if (test(project, issue)) rows.push({ project, item: issue });
    }
  }
  return orderRows(call, rows);
}

function answerList(call: Call, projects: ProjectRecord[]): Answer {
  const labelDetails = bool(call.input, 'with_labels_details') === true;
  const rows = rowsOf(call, projects);
  const present = ({ project, item }: Row<IssueRecord>) => presentIssue(call.world, project, item, { labelDetails });
  if (wantsKeyset(call)) return keysetPage(call, rows, row => String(row.item.id), present);
  return offsetPage(call, rows, present);
}

export function listProjectIssues(call: Call): Answer {
  return answerList(call, [projectOf(call)]);
}
export function listGroupIssues(call: Call): Answer {
  const group = groupOf(call);
  return answerList(
    call,
    visibleProjects(call).filter(project => projectGroups(call.world, project).includes(group)),
  );
}
/** Over all projects the scope is `created_by_me` unless told. */
export function listAllIssues(call: Call): Answer {
  actorOf(call);
  if (
    !['scope', 'author_id', 'author_username', 'assignee_id', 'assignee_username'].some(name => has(call.input, name))
  ) {
    call.input['scope'] = 'created_by_me';
  }
  return answerList(call, visibleProjects(call));
}

export function getStatistics(call: Call): Answer {
  const rows = rowsOf(call, [projectOf(call)]);
  const opened = rows.filter(row => row.item.state === 'opened').length;
  return ok({ statistics: { counts: { all: rows.length, closed: rows.length - opened, opened } } });
}

export function getIssue(call: Call): Answer {
  const { project, issue } = issueOf(call);
  return ok(presentIssue(call.world, project, issue, { viewer: call.user }));
}

/** By its global id: for admins only. */
export function getIssueById(call: Call): Answer {
  const issue = call.world.issuesById.get(Number(call.params['id']));
  if (issue === undefined) throw notFound();
  return ok(presentIssue(call.world, call.world.projects.get(issue.projectId)!, issue, { viewer: call.user }));
}

/** Labels, assignees, milestone and the like are for Planners and up; from others they are dropped without a word. */
function permitted(call: Call, project: ProjectRecord, input: IssueInput): IssueInput {
  const role = projectRole(call.world, call.user, project);
  if (role >= ACCESS.planner) return input;
  const { title, description, stateEvent, confidential, issueType } = input;
  return Object.fromEntries(
    Object.entries({ title, description, stateEvent, confidential, issueType }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

export function postIssue(call: Call): Answer {
  const project = projectOf(call);
  const actor = actorOf(call);
  const { input, world } = call;
  if (!project.settings.issuesEnabled) throw notFound();
  if (!withinLimit(world, `issues:${actor.user.id}`, world.settings.limits.issuesCreate, 60)) throw tooMany();
  const title = requiredText(input, 'title');
  const fields = readIssueInput(call);
  const commands = interpret(call, actor, project, null, fields.description ?? '');
  const owner = projectRole(world, call.user, project) >= ACCESS.owner;
  const createdAt = owner ? text(input, 'created_at') : null;
  const iid = owner ? integer(input, 'iid') : null;
  const issue = createIssue(world, actor, project, {
    ...permitted(call, project, { ...fields, ...commands.input }),
    ...(typeof fields.description === 'string' ? { description: commands.text } : {}),
    title: commands.input.title ?? title,
    ...(createdAt === null ? {} : { createdAt: new Date(createdAt).toISOString() }),
    ...(iid === null ? {} : { iid }),
  });
  return created(presentIssue(world, project, issue, { viewer: call.user }));
}

export async function putIssue(call: Call): Promise<Answer> {
  const { project, issue } = issueOf(call);
  const actor = actorOf(call);
  if (!CHANGEABLE.some(name => has(call.input, name))) {
    throw badParameter(`${CHANGEABLE.join(', ')} are missing, at least one parameter must be provided`);
  }
  const own = issue.authorId === actor.user.id || issue.assigneeIds.includes(actor.user.id);
  if (!own && projectRole(call.world, call.user, project) < ACCESS.planner) throw forbidden();
  const fields = readIssueInput(call);
  const commands =
    typeof fields.description === 'string' ? interpret(call, actor, project, issue, fields.description) : null;
  const owner = projectRole(call.world, call.user, project) >= ACCESS.owner;
  const updatedAt = owner ? text(call.input, 'updated_at') : null;
  updateIssue(call.world, actor, project, issue, {
    ...permitted(call, project, {
      ...fields,
      ...(commands === null ? {} : { ...commands.input, description: commands.text }),
    }),
    ...(updatedAt === null ? {} : { updatedAt: new Date(updatedAt).toISOString() }),
  });
  for (const job of commands?.after ?? []) await job();
  return ok(presentIssue(call.world, project, issue, { viewer: call.user }));
}

export function removeIssue(call: Call): Answer {
  const { project, issue } = issueOf(call);
  if (projectRole(call.world, call.user, project) < ACCESS.owner) throw forbidden();
  deleteIssue(call.world, project, issue);
  return noContent();
}

export function postMove(call: Call): Answer {
  const { project, issue } = issueOf(call);
  const actor = actorOf(call);
  const target = findProject(call.world, String(requiredInteger(call.input, 'to_project_id')));
  if (target === null) throw notFound('Project');
  if (target.id === project.id) throw refuse(400, 'Cannot move issue to project it originates from!');
  const allowed = [project, target].every(side => projectRole(call.world, call.user, side) >= ACCESS.planner);
  if (!allowed || issue.movedToId !== null) throw refuse(400, 'Cannot move issue due to insufficient permissions!');
  const moved = moveIssue(call.world, actor, project, issue, target);
  return created(presentIssue(call.world, target, moved, { viewer: call.user }));
}

/** Merge requests that mention the issue, wherever. */
export function listRelatedMergeRequests(call: Call): Answer {
  const { issue } = issueOf(call);
  const found: MergeRequestRecord[] = [];
  for (const item of call.world.mergeRequestsById.values()) {
    if (issue.referencedFrom.has(`merge_request:${item.id}`)) found.push(item);
  }
  return offsetPage(call, found, item =>
    presentMergeRequest(call.world, call.world.projects.get(item.projectId)!, item),
  );
}

/** Merge requests that close it, or did. */
export function listClosedBy(call: Call): Answer {
  const { issue } = issueOf(call);
  const found = [...call.world.mergeRequestsById.values()].filter(item => item.closesIssueIds.includes(issue.id));
  return offsetPage(call, found, item =>
    presentMergeRequest(call.world, call.world.projects.get(item.projectId)!, item),
  );
}

export function listIssueParticipants(call: Call): Answer {
  const { issue } = issueOf(call);
  const writers = issue.notes.filter(note => !note.system).map(note => note.authorId);
  return offsetPage(call, [...new Set([issue.authorId, ...issue.assigneeIds, ...writers])], id =>
    presentUserId(call.world, id),
  );
}

/** 304 when nothing changes. */
export function subscribe(subscribed: boolean): (call: Call) => Answer {
  return call => {
    const { project, issue } = issueOf(call);
    const { user } = actorOf(call);
    if (issue.subscribers.has(user.id) === subscribed) throw new ApiError(304, undefined);
    if (subscribed) issue.subscribers.add(user.id);
    else issue.subscribers.delete(user.id);
    return created(presentIssue(call.world, project, issue, { viewer: user }));
  };
}
