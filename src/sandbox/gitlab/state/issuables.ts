import { invalid } from '../http/api-error.ts';
import type { Actor } from '../http/call.ts';
import { findMilestone } from '../present/milestone.ts';
import { systemNote } from './append-note.ts';
import { changeLabels } from './labels.ts';
import type { IssuableRecord, Noteable, ProjectRecord } from './records.ts';
import { nextId, now, type World } from './world.ts';

/** Parameters that issues and merge requests share; absent = leave alone. */
export interface IssuableInput {
  title?: string;
  description?: string | null;
  labels?: string[];
  addLabels?: string[];
  removeLabels?: string[];
  assigneeIds?: number[];
  milestoneId?: number | null;
  discussionLocked?: boolean;
  stateEvent?: 'close' | 'reopen';
  timeEstimate?: number;
  timeSpent?: number;
  subscribed?: boolean;
  /** Only an owner's token may set it. */
  updatedAt?: string;
}

const TITLE_LIMIT = 255;
const DESCRIPTION_LIMIT = 1_048_576;

export function checkTexts(input: { title?: string; description?: string | null }): void {
  const errors: Record<string, string[]> = {};
  if (input.title !== undefined && input.title.trim() === '') errors['title'] = ["can't be blank"];
  if (input.title !== undefined && Array.from(input.title).length > TITLE_LIMIT)
    errors['title'] = [`is too long (maximum is ${TITLE_LIMIT} characters)`];
  const description = input.description ?? '';
  if (description.length > DESCRIPTION_LIMIT) {
    errors['description'] = [
      `is too long (${(description.length / 1_048_576).toFixed(2)} MiB). The maximum size is 1 MiB.`,
    ];
  }
  if (Object.keys(errors).length > 0) throw invalid(errors);
}

/** The fields every new issue and merge request starts with. */
export function newIssuable(
  world: World,
  actor: Actor,
  projectId: number,
  table: string,
  at: string,
): Omit<IssuableRecord, 'iid' | 'title' | 'description'> {
  return {
    id: nextId(world, table),
    projectId,
    authorId: actor.user.id,
    assigneeIds: [],
    labelIds: new Set(),
    milestoneId: null,
    createdAt: at,
    updatedAt: at,
    updatedById: null,
    lastEditedAt: null,
    lastEditedById: null,
    closedAt: null,
    closedById: null,
    discussionLocked: null,
    timeEstimate: 0,
    timeSpent: 0,
    notes: [],
    labelEvents: [],
    stateEvents: [],
    milestoneEvents: [],
    awards: [],
    subscribers: new Set([actor.user.id]),
    referencedFrom: new Set(),
  };
}

/** Writes the shared fields with GitLab's system notes and resource events. Does not touch `updatedAt`. */
export function applyShared(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: Noteable,
  input: IssuableInput,
): void {
  const edited =
    (input.title !== undefined && input.title !== item.title) ||
    (input.description !== undefined && input.description !== item.description);
  if (input.title !== undefined && input.title !== item.title) {
    systemNote(world, actor, project, item, 'title', `changed title from **${item.title}** to **${input.title}**`);
    item.title = input.title;
  }
  if (input.description !== undefined && input.description !== item.description) {
    item.description = input.description;
    systemNote(world, actor, project, item, 'description', 'changed the description');
  }
  if (edited) {
    item.lastEditedAt = now(world);
    item.lastEditedById = actor.user.id;
  }
  changeLabels(world, actor, project, item, {
    set: input.labels ?? null,
    add: input.addLabels ?? null,
    remove: input.removeLabels ?? null,
  });
  if (input.assigneeIds !== undefined) assign(world, actor, project, item, input.assigneeIds);
  if (input.milestoneId !== undefined) setMilestone(world, actor, item, input.milestoneId);
  if (input.discussionLocked !== undefined && input.discussionLocked !== (item.discussionLocked ?? false)) {
    item.discussionLocked = input.discussionLocked;
    const kind = item.kind === 'issue' ? 'issue' : 'merge request';
    systemNote(
      world,
      actor,
      project,
      item,
      'locked',
      `${input.discussionLocked ? 'locked' : 'unlocked'} the discussion in this ${kind}`,
    );
  }
  if (input.timeEstimate !== undefined) item.timeEstimate = input.timeEstimate;
  if (input.timeSpent !== undefined) item.timeSpent = Math.max(0, item.timeSpent + input.timeSpent);
  if (input.subscribed === true) item.subscribers.add(actor.user.id);
  if (input.subscribed === false) item.subscribers.delete(actor.user.id);
}

function assign(world: World, actor: Actor, project: ProjectRecord, item: Noteable, wanted: number[]): void {
  // Several assignees are a Premium feature: Free keeps the first and says nothing.
  const known = wanted.filter(id => world.users.has(id));
  const ids = world.settings.tier === 'free' ? known.slice(0, 1) : [...new Set(known)];
  const name = (id: number) => `@${world.users.get(id)?.username ?? ''}`;
  const added = ids.filter(id => !item.assigneeIds.includes(id)).map(name);
  const removed = item.assigneeIds.filter(id => !ids.includes(id)).map(name);
  item.assigneeIds = ids;
  const parts = [
    ...(added.length > 0 ? [`assigned to ${added.join(' and ')}`] : []),
    ...(removed.length > 0 ? [`unassigned ${removed.join(' and ')}`] : []),
  ];
  if (parts.length > 0) systemNote(world, actor, project, item, 'assignee', parts.join(' and '));
}

function setMilestone(world: World, actor: Actor, item: Noteable, wanted: number | null): void {
  const milestone = wanted === null || wanted === 0 ? null : findMilestone(world, wanted);
  const id = milestone?.id ?? null;
  if (id === item.milestoneId) return;
  for (const [milestoneId, action] of [
    [item.milestoneId, 'remove'],
    [id, 'add'],
  ] as const) {
    if (milestoneId === null) continue;
    item.milestoneEvents.push({
      id: nextId(world, 'milestone_events'),
      userId: actor.user.id,
      createdAt: now(world),
      milestoneId,
      action,
      state: item.state,
    });
  }
  item.milestoneId = id;
}

export function recordState(
  world: World,
  actor: Actor,
  item: Noteable,
  state: 'closed' | 'reopened' | 'merged',
  source: { mergeRequestId?: number; commit?: string } = {},
): void {
  item.stateEvents.push({
    id: nextId(world, 'state_events'),
    userId: actor.user.id,
    createdAt: now(world),
    state,
    sourceMergeRequestId: source.mergeRequestId ?? null,
    sourceCommit: source.commit ?? null,
  });
}
