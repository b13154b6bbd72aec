import { badParameter } from '../http/api-error.ts';
import type { Call } from '../http/call.ts';
import { has, integer, integers, list, oneOf, record, text, time } from '../http/input.ts';
import { labelTitles } from '../present/issuable.ts';
import { findMilestone } from '../present/milestone.ts';
import { findUser } from '../state/people.ts';
import type { Noteable, ProjectRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';

export interface Row<T> {
  project: ProjectRecord;
  item: T;
}

type Test = (project: ProjectRecord, item: Noteable) => boolean;

/** The filters issues and merge requests share, read once per request, so that a list of thousands costs one pass. */
export function sharedFilter(call: Call): Test {
  const { input } = call;
  const tests = positiveTests(call, input);
  const not = record(input, 'not');
  if (not !== null)
    tests.push(
      ...positiveTests(call, not).map(test => (project: ProjectRecord, item: Noteable) => !test(project, item)),
    );
  const state = text(input, 'state');
  if (state !== null && state !== 'all') {
    if (!['opened', 'closed', 'locked', 'merged'].includes(state))
      throw badParameter('state does not have a valid value');
    tests.push((_project, item) => item.state === state);
  }
  const scope = oneOf(input, 'scope', [
    'created_by_me',
    'created-by-me',
    'assigned_to_me',
    'assigned-to-me',
    'reviews_for_me',
    'all',
  ]);
  if (scope?.startsWith('created') === true) tests.push((_project, item) => item.authorId === call.user?.id);
  if (scope?.startsWith('assigned') === true)
    tests.push((_project, item) => call.user !== null && item.assigneeIds.includes(call.user.id));
  tests.push(...timeTests(input));
  return (project, item) => tests.every(test => test(project, item));
}

function positiveTests(call: Call, input: Record<string, unknown>): Test[] {
  const { world } = call;
  const tests: Test[] = [];
  const iids = integers(input, 'iids');
  if (iids !== null) tests.push((_project, item) => iids.includes(item.iid));
  const labels = list(input, 'labels');
  if (labels !== null && labels.length > 0) tests.push(labelTest(world, labels));
  const authorId = integer(input, 'author_id') ?? userIdOf(world, text(input, 'author_username'));
  if (authorId !== null) tests.push((_project, item) => item.authorId === authorId);
  const assignee = personTest(world, input, 'assignee', item => item.assigneeIds);
  if (assignee !== null) tests.push(assignee);
  const reviewer = personTest(world, input, 'reviewer', item =>
    item.kind === 'merge_request' ? item.reviewerIds : [],
  );
  if (reviewer !== null) tests.push(reviewer);
  const milestone = text(input, 'milestone');
  if (milestone !== null) tests.push(milestoneTest(world, milestone));
  const search = text(input, 'search')?.toLowerCase();
  if (search !== undefined && search !== '') {
    const where = list(input, 'in') ?? ['title', 'description'];
    const words = search.split(/\s+/).filter(word => word !== '');
    tests.push((_project, item) => {
      const haystack =
        `${where.includes('title') ? item.title : ''}\n${where.includes('description') ? (item.description ?? '') : ''}`.toLowerCase();
      return words.every(word => haystack.includes(word));
    });
  }
  return tests;
}

function labelTest(world: World, labels: string[]): Test {
  return (project, item) => {
    const titles = labelTitles(world, project, item);
    return labels.every(label => {
      if (label.toLowerCase() === 'none') return titles.length === 0;
      if (label.toLowerCase() === 'any') return titles.length > 0;
      return titles.includes(label);
    });
  };
}

function milestoneTest(world: World, wanted: string): Test {
  return (_project, item) => {
    if (wanted === 'None') return item.milestoneId === null;
    if (wanted === 'Any') return item.milestoneId !== null;
    return findMilestone(world, item.milestoneId)?.title === wanted;
  };
}

function personTest(
  world: World,
  input: Record<string, unknown>,
  role: string,
  idsOf: (item: Noteable) => number[],
): Test | null {
  const value = text(input, `${role}_id`);
  if (value?.toLowerCase() === 'none' || value === '0') return (_project, item) => idsOf(item).length === 0;
  if (value?.toLowerCase() === 'any') return (_project, item) => idsOf(item).length > 0;
  const names = list(input, `${role}_username`);
  if (value === null && names === null) return null;
  const ids =
    value !== null ? [integer(input, `${role}_id`) ?? -1] : (names ?? []).map(name => userIdOf(world, name) ?? -1);
  return (_project, item) => ids.every(id => idsOf(item).includes(id));
}

function userIdOf(world: World, name: string | null): number | null {
  if (name === null) return null;
  return findUser(world, name)?.id ?? -1;
}

function timeTests(input: Record<string, unknown>): Test[] {
  const tests: Test[] = [];
  for (const [name, field, sign] of [
    ['created_after', 'createdAt', 1],
    ['created_before', 'createdAt', -1],
    ['updated_after', 'updatedAt', 1],
    ['updated_before', 'updatedAt', -1],
  ] as const) {
    const limit = has(input, name) ? time(input, name) : null;
    if (limit !== null) tests.push((_project, item) => (Date.parse(item[field]) - limit) * sign >= 0);
  }
  return tests;
}

/** Newest first unless told otherwise. */
export function orderRows<T extends Noteable>(call: Call, rows: Row<T>[]): Row<T>[] {
  const orderBy = text(call.input, 'order_by') ?? 'created_at';
  const direction = oneOf(call.input, 'sort', ['asc', 'desc']) === 'asc' ? 1 : -1;
  const key = (item: Noteable): string | number => {
    if (orderBy === 'updated_at') return item.updatedAt;
    if (orderBy === 'title') return item.title.toLowerCase();
    if (orderBy === 'due_date') return item.kind === 'issue' ? (item.dueDate ?? '9999') : '';
    if (orderBy === 'merged_at') return item.kind === 'merge_request' ? (item.mergedAt ?? '') : '';
    if (orderBy === 'relative_position') return item.kind === 'issue' ? item.relativePosition : 0;
    return item.createdAt;
  };
  const compare = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0);
  return rows.sort((a, b) => direction * (compare(key(a.item), key(b.item)) || a.item.id - b.item.id));
}
