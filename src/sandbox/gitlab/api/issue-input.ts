import { badParameter } from '../http/api-error.ts';
import type { Call } from '../http/call.ts';
import { bool, has, integer, integers, list, oneOf, text } from '../http/input.ts';
import type { IssueInput } from '../state/issues.ts';

/** What `PUT` takes; without any of them it is 400. */
export const CHANGEABLE = [
  'description',
  'assignee_ids',
  'assignee_id',
  'milestone_id',
  'labels',
  'add_labels',
  'remove_labels',
  'due_date',
  'confidential',
  'discussion_locked',
  'issue_type',
  'title',
  'state_event',
  'updated_at',
  'weight',
];

/** Reads the parameters of an issue; `null` and '' clear, absent leaves alone. */
export function readIssueInput(call: Call): IssueInput {
  const { input } = call;
  const fields: IssueInput = {};
  const title = text(input, 'title');
  if (title !== null) fields.title = title;
  if (has(input, 'description')) fields.description = text(input, 'description');
  if (has(input, 'labels')) fields.labels = list(input, 'labels') ?? [];
  if (has(input, 'add_labels')) fields.addLabels = list(input, 'add_labels') ?? [];
  if (has(input, 'remove_labels')) fields.removeLabels = list(input, 'remove_labels') ?? [];
  if (has(input, 'assignee_id')) fields.assigneeIds = [integer(input, 'assignee_id') ?? 0].filter(id => id > 0);
  if (has(input, 'assignee_ids')) fields.assigneeIds = (integers(input, 'assignee_ids') ?? []).filter(id => id > 0);
  if (has(input, 'milestone_id')) fields.milestoneId = integer(input, 'milestone_id');
  if (has(input, 'confidential')) fields.confidential = bool(input, 'confidential') ?? false;
  if (has(input, 'discussion_locked')) fields.discussionLocked = bool(input, 'discussion_locked') ?? false;
  if (has(input, 'weight')) fields.weight = integer(input, 'weight');
  if (has(input, 'due_date')) fields.dueDate = dueDate(text(input, 'due_date'));
  const event = oneOf(input, 'state_event', ['close', 'reopen']);
  if (event !== null) fields.stateEvent = event;
  const type = oneOf(input, 'issue_type', ['issue', 'incident', 'test_case', 'task']);
  if (type !== null) fields.issueType = type;
  return fields;
}

function dueDate(value: string | null): string | null {
  if (value === null || value === '') return null;
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) throw badParameter('due_date is invalid');
  return /^\d{4}-\d{2}-\d{2}/.exec(value)?.[0] ?? date.toISOString().slice(0, 10);
}
