import { invalid } from '../http/api-error.ts';
import type { Actor } from '../http/call.ts';
import { availableLabels } from '../present/label.ts';
import { projectGroups } from './access.ts';
import type { GroupRecord, IssuableRecord, LabelRecord, ProjectRecord } from './records.ts';
import { licensed, nextId, now, type World } from './world.ts';

/** GitLab's colour for a label that a client made up in passing. */
const DEFAULT_COLOR = '#6699cc';

export function labelsInReach(world: World, project: ProjectRecord): LabelRecord[] {
  return availableLabels(project, projectGroups(world, project));
}

/** Titles are case-sensitive: "to do" is not "To Do". */
export function findLabel(world: World, project: ProjectRecord, title: string): LabelRecord | null {
  return labelsInReach(world, project).find(label => label.title === title) ?? null;
}

export function createLabel(
  world: World,
  owner: { projectId: number } | { groupId: number },
  label: { title: string; color?: string; description?: string | null; priority?: number | null },
): LabelRecord {
  const at = now(world);
  const record: LabelRecord = {
    id: nextId(world, 'labels'),
    projectId: 'projectId' in owner ? owner.projectId : null,
    groupId: 'groupId' in owner ? owner.groupId : null,
    title: label.title,
    color: label.color ?? DEFAULT_COLOR,
    description: label.description ?? null,
    priority: label.priority ?? null,
    archived: false,
    createdAt: at,
    updatedAt: at,
  };
  const holder: ProjectRecord | GroupRecord | undefined =
    'projectId' in owner ? world.projects.get(owner.projectId) : world.groups.get(owner.groupId);
  holder?.labels.set(record.id, record);
  return record;
}

/** The labels by these titles; an unknown one is created on the spot, without a word: GitLab's trap for typing errors. */
export function findOrCreateLabels(world: World, project: ProjectRecord, titles: string[]): LabelRecord[] {
  return titles.map(title => {
    if (title.length > 255) throw invalid({ labels: ['is too long'] });
    return findLabel(world, project, title) ?? createLabel(world, { projectId: project.id }, { title });
  });
}

export interface LabelChange {
  /** Replaces all. */
  set?: string[] | null;
  add?: string[] | null;
  remove?: string[] | null;
}

/**
 * Applies label parameters in GitLab's way: `labels` replaces; add and remove are relative, computed as
 * (labels ∪ add) − remove in one step; unknown names to remove are ignored. Writes the label events and the system note.
 * Scoped labels (`a::b`) push each other out only where the licence has them; the one added last wins.
 */
export function changeLabels(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  item: IssuableRecord,
  change: LabelChange,
): boolean {
  const before = new Set(item.labelIds);
  let after = new Set(before);
  if (change.set !== undefined && change.set !== null) {
    after = new Set(findOrCreateLabels(world, project, change.set).map(label => label.id));
  }
  for (const label of findOrCreateLabels(world, project, change.add ?? [])) after.add(label.id);
  for (const title of change.remove ?? []) {
    const label = findLabel(world, project, title);
    if (label !== null) after.delete(label.id);
  }
  if (licensed(world, 'premium')) after = keepLastOfScope(world, project, before, after);
  return replaceLabels(world, actor, project, item, after);
}

function keepLastOfScope(world: World, project: ProjectRecord, before: Set<number>, after: Set<number>): Set<number> {
  const labels = new Map(labelsInReach(world, project).map(label => [label.id, label]));
  const winners = new Map<string, number>();
  const ordered = [...after].sort((a, b) => Number(!before.has(a)) - Number(!before.has(b)));
  for (const id of ordered) {
    const scope = /^(.+)::/.exec(labels.get(id)?.title ?? '')?.[1];
    if (scope !== undefined) winners.set(scope, id);
  }
  return new Set(
    [...after].filter(id => {
      const scope = /^(.+)::/.exec(labels.get(id)?.title ?? '')?.[1];
      return scope === undefined || winners.get(scope) === id;
    }),
  );
}

/** Writes the events of what came and went, one moment for all of them. */
export function replaceLabels(
  world: World,
  actor: Actor,
  _project: ProjectRecord,
  item: IssuableRecord,
  after: Set<number>,
): boolean {
  const removed = [...item.labelIds].filter(id => !after.has(id));
  const added = [...after].filter(id => !item.labelIds.has(id));
  if (added.length === 0 && removed.length === 0) return false;
  const createdAt = now(world);
  item.labelIds = after;
  for (const [action, ids] of [
    ['add', added],
    ['remove', removed],
  ] as const) {
    for (const labelId of ids) {
      item.labelEvents.push({ id: nextId(world, 'label_events'), userId: actor.user.id, createdAt, labelId, action });
    }
  }
  return true;
}

/** A deleted label is gone from everything that wore it, without an event. */
export function deleteLabel(world: World, owner: ProjectRecord | GroupRecord, label: LabelRecord): void {
  owner.labels.delete(label.id);
  for (const project of world.projects.values()) {
    for (const item of [...project.issues.values(), ...project.mergeRequests.values()]) item.labelIds.delete(label.id);
    for (const board of project.boards.values()) board.lists = board.lists.filter(list => list.labelId !== label.id);
  }
}
