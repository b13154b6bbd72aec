import { conflict, forbidden, notFound } from '../http/api-error.ts';
import { type Answer, type Call, created, ok } from '../http/call.ts';
import { demand, oneOf, pathInteger, requiredText } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentIssue } from '../present/issue.ts';
import { actorOf, canReadIssue, findProject, projectRole } from '../state/access.ts';
import { systemNote } from '../state/append-note.ts';
import { ACCESS, type IssueRecord, type ProjectRecord } from '../state/records.ts';
import { nextId, now } from '../state/world.ts';
import { issueOf } from './noteables.ts';

type Link = IssueRecord['links'][number];
const MIRROR = { relates_to: 'relates_to', blocks: 'is_blocked_by', is_blocked_by: 'blocks' } as const;

function present(call: Call, source: IssueRecord, target: IssueRecord, link: Link): Record<string, unknown> {
  const issue = (item: IssueRecord) => presentIssue(call.world, call.world.projects.get(item.projectId)!, item);
  return {
    id: link.id,
    source_issue: issue(source),
    target_issue: issue(target),
    link_type: link.type,
    link_created_at: link.createdAt,
    link_updated_at: link.createdAt,
  };
}

export function listIssueLinks(call: Call): Answer {
  const { issue } = issueOf(call);
  const found = issue.links.flatMap(link => {
    const other = call.world.issuesById.get(link.issueId);
    const project = other === undefined ? undefined : call.world.projects.get(other.projectId);
    if (other === undefined || project === undefined || !canReadIssue(call.world, call.user, project, other)) return [];
    return [{ link, other, project }];
  });
  return offsetPage(call, found, ({ link, other, project }) => ({
    ...presentIssue(call.world, project, other),
    issue_link_id: link.id,
    link_type: link.type,
    link_created_at: link.createdAt,
    link_updated_at: link.createdAt,
  }));
}

function targetOf(call: Call): { project: ProjectRecord; issue: IssueRecord } {
  demand(call.input, 'target_project_id', 'target_issue_iid');
  const project = findProject(call.world, requiredText(call.input, 'target_project_id'));
  const issue = project?.issues.get(Number(requiredText(call.input, 'target_issue_iid')));
  if (project === null || issue === undefined || !canReadIssue(call.world, call.user, project, issue)) throw notFound();
  return { project, issue };
}

export function postIssueLink(call: Call): Answer {
  const { project, issue } = issueOf(call);
  const actor = actorOf(call);
  const target = targetOf(call);
  const type = oneOf(call.input, 'link_type', ['relates_to', 'blocks', 'is_blocked_by']) ?? 'relates_to';
  if (type !== 'relates_to' && call.world.settings.tier === 'free')
    throw forbidden('Blocked issues not available for current license');
  if (projectRole(call.world, call.user, project) < ACCESS.guest) throw notFound();
  if (issue === target.issue || issue.links.some(link => link.issueId === target.issue.id))
    throw conflict('Issue(s) already assigned');
  const id = nextId(call.world, 'issue_links');
  const createdAt = now(call.world);
  const link: Link = { id, issueId: target.issue.id, type, createdAt };
  issue.links.push(link);
  target.issue.links.push({ id, issueId: issue.id, type: MIRROR[type], createdAt });
  const name = (from: ProjectRecord, to: ProjectRecord, iid: number) =>
    `${from.id === to.id ? '' : to.fullPath}#${iid}`;
  systemNote(
    call.world,
    actor,
    project,
    issue,
    'relate',
    `marked this issue as related to ${name(project, target.project, target.issue.iid)}`,
  );
  systemNote(
    call.world,
    actor,
    target.project,
    target.issue,
    'relate',
    `marked this issue as related to ${name(target.project, project, issue.iid)}`,
  );
  return created(present(call, issue, target.issue, link));
}

function linkOf(call: Call): { issue: IssueRecord; link: Link; other: IssueRecord } {
  const { issue } = issueOf(call);
  const id = pathInteger(call, 'link_id');
  const link = issue.links.find(candidate => candidate.id === id);
  const other = link === undefined ? undefined : call.world.issuesById.get(link.issueId);
  if (link === undefined || other === undefined) throw notFound();
  return { issue, link, other };
}

export function getIssueLink(call: Call): Answer {
  const { issue, link, other } = linkOf(call);
  return ok(present(call, issue, other, link));
}

export function deleteIssueLink(call: Call): Answer {
  const { issue, link, other } = linkOf(call);
  actorOf(call);
  const body = present(call, issue, other, link);
  issue.links = issue.links.filter(candidate => candidate.id !== link.id);
  other.links = other.links.filter(candidate => candidate.id !== link.id);
  return ok(body);
}
