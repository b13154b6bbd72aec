import { bornWith, differences, snapshot } from '../events/changes.ts';
import { issueEvent } from '../events/issue-event.ts';
import { conflict } from '../http/api-error.ts';
import type { Actor } from '../http/call.ts';
import { systemNote } from './append-note.ts';
import { crossReference } from './cross-references.ts';
import { applyShared, checkTexts, type IssuableInput, newIssuable, recordState } from './issuables.ts';
import { changeLabels } from './labels.ts';
import type { IssueRecord, ProjectRecord } from './records.ts';
import { nextId, now, type World } from './world.ts';

export interface IssueInput extends IssuableInput {
  confidential?: boolean;
  dueDate?: string | null;
  weight?: number | null;
  issueType?: IssueRecord['issueType'];
  severity?: string;
}

/** Opens an issue: labels are made up on the fly if need be, references leave their notes, the hook says `open`. */
export function createIssue(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  input: IssueInput & { title: string; iid?: number; createdAt?: string },
): IssueRecord {
  checkTexts(input);
  if (input.iid !== undefined && project.issues.has(input.iid)) throw conflict('Duplicated issue');
  const at = input.createdAt ?? now(world);
  const iid = input.iid ?? project.nextIids.issue;
  project.nextIids.issue = Math.max(project.nextIids.issue, iid + 1);
  const issue: IssueRecord = {
    ...newIssuable(world, actor, project.id, 'issues', at),
    kind: 'issue',
    iid,
    title: input.title,
    description: input.description ?? null,
    state: 'opened',
    confidential: input.confidential ?? false,
    issueType: input.issueType ?? 'issue',
    dueDate: input.dueDate ?? null,
    weight: null,
    weightEvents: [],
    relativePosition: iid * 513,
    severity: 'UNKNOWN',
    movedToId: null,
    duplicatedToId: null,
    links: [],
  };
  project.issues.set(iid, issue);
  world.issuesById.set(issue.id, issue);
  changeLabels(world, actor, project, issue, {
    set: input.labels ?? [],
    add: input.addLabels ?? [],
    remove: input.removeLabels ?? [],
  });
  const {
    title: _title,
    description: _description,
    labels: _labels,
    addLabels: _add,
    removeLabels: _remove,
    stateEvent,
    ...rest
  } = input;
  applyShared(world, actor, project, issue, rest);
  if (input.weight !== undefined) setWeight(world, actor, issue, input.weight);
  crossReference(world, actor, project, issue, `${issue.title}\n\n${issue.description ?? ''}`);
  const born = bornWith(snapshot(world, project, issue), [
    'title',
    'description',
    'labels',
    'updated_at',
    'relative_position',
  ]);
  issueEvent(world, actor, project, issue, 'open', born);
  if (stateEvent === 'close') closeIssue(world, actor, project, issue);
  return issue;
}

/** Saves an issue. Whatever was sent, the hook says `update` and `updated_at` moves, even when nothing differs. */
export function updateIssue(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  issue: IssueRecord,
  input: IssueInput,
): void {
  checkTexts(input);
  const { stateEvent, ...rest } = input;
  if (stateEvent === 'close') closeIssue(world, actor, project, issue);
  if (stateEvent === 'reopen') reopenIssue(world, actor, project, issue);
  if (Object.keys(rest).length === 0) return;
  const before = snapshot(world, project, issue);
  applyShared(world, actor, project, issue, rest);
  if (rest.confidential !== undefined && rest.confidential !== issue.confidential) {
    issue.confidential = rest.confidential;
    const text = rest.confidential ? 'made the issue confidential' : 'made the issue visible to everyone';
    systemNote(world, actor, project, issue, rest.confidential ? 'confidential' : 'visible', text);
  }
  if (rest.dueDate !== undefined && rest.dueDate !== issue.dueDate) {
    issue.dueDate = rest.dueDate;
    systemNote(
      world,
      actor,
      project,
      issue,
      'due_date',
      rest.dueDate === null ? 'removed due date' : `changed due date to ${longDate(rest.dueDate)}`,
    );
  }
  if (rest.weight !== undefined) setWeight(world, actor, issue, rest.weight);
  if (rest.issueType !== undefined) issue.issueType = rest.issueType;
  if (rest.severity !== undefined) issue.severity = rest.severity;
  issue.updatedAt = rest.updatedAt ?? now(world);
  issue.updatedById = actor.user.id;
  crossReference(world, actor, project, issue, `${issue.title}\n\n${issue.description ?? ''}`);
  issueEvent(world, actor, project, issue, 'update', differences(before, snapshot(world, project, issue)));
}

export function closeIssue(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  issue: IssueRecord,
  source: { mergeRequestId?: number; commit?: string } = {},
): void {
  if (issue.state === 'closed') return;
  const before = snapshot(world, project, issue);
  issue.state = 'closed';
  issue.closedAt = now(world);
  issue.closedById = actor.user.id;
  issue.updatedAt = issue.closedAt;
  recordState(world, actor, issue, 'closed', source);
  issueEvent(world, actor, project, issue, 'close', differences(before, snapshot(world, project, issue)));
}

export function reopenIssue(world: World, actor: Actor, project: ProjectRecord, issue: IssueRecord): void {
  if (issue.state === 'opened') return;
  const before = snapshot(world, project, issue);
  issue.state = 'opened';
  issue.closedAt = null;
  issue.closedById = null;
  issue.updatedAt = now(world);
  recordState(world, actor, issue, 'reopened');
  issueEvent(world, actor, project, issue, 'reopen', differences(before, snapshot(world, project, issue)));
}

export function deleteIssue(world: World, project: ProjectRecord, issue: IssueRecord): void {
  project.issues.delete(issue.iid);
  world.issuesById.delete(issue.id);
}

/** Weights are Premium; on Free the parameter is ignored. */
function setWeight(world: World, actor: Actor, issue: IssueRecord, weight: number | null): void {
  if (world.settings.tier === 'free' || weight === issue.weight) return;
  issue.weight = weight;
  issue.weightEvents.push({ id: nextId(world, 'weight_events'), userId: actor.user.id, createdAt: now(world), weight });
}

function longDate(date: string): string {
  return new Date(`${date.slice(0, 10)}T00:00:00Z`).toLocaleDateString('en-US', {
    timeZone: 'UTC',
    month: 'long',
    day: 'numeric',
    year: 'numeric',
  });
}
