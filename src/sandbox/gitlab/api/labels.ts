import { badParameter, conflict, invalid, notFound } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent, ok } from '../http/call.ts';
import { bool, demand, has, integer, requiredText, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentLabel } from '../present/label.ts';
import { actorOf, ancestors, groupOf, projectGroups, projectOf } from '../state/access.ts';
import { createLabel, deleteLabel } from '../state/labels.ts';
import { ACCESS, type GroupRecord, type LabelRecord, type ProjectRecord } from '../state/records.ts';
import { now } from '../state/world.ts';

type Scope = 'project' | 'group';
interface Owner {
  own: ProjectRecord | GroupRecord;
  above: GroupRecord[];
  project: ProjectRecord | null;
}

function ownerOf(call: Call, scope: Scope, minimum = 0): Owner {
  if (scope === 'project') {
    const project = projectOf(call, minimum);
    return { own: project, above: projectGroups(call.world, project), project };
  }
  const group = groupOf(call, minimum);
  return { own: group, above: ancestors(call.world, group.parentId), project: null };
}

function present(call: Call, owner: Owner, label: LabelRecord): Record<string, unknown> {
  const withCounts = bool(call.input, 'with_counts') === true;
  const subscribed = call.user !== null && call.world.labelSubscriptions.has(`${call.user.id}:${label.id}`);
  return {
    ...presentLabel(call.world, label, owner.project === null ? {} : { project: owner.project, withCounts }),
    subscribed,
  };
}

export function listLabels(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope);
    const include = bool(call.input, 'include_ancestor_groups') !== false;
    const search = text(call.input, 'search')?.toLowerCase();
    const labels = [owner.own, ...(include ? owner.above : [])].flatMap(holder => [...holder.labels.values()]);
    const found = labels.filter(
      label => search === undefined || `${label.title} ${label.description ?? ''}`.toLowerCase().includes(search),
    );
    found.sort((a, b) => (a.title < b.title ? -1 : a.title > b.title ? 1 : a.id - b.id));
    return offsetPage(call, found, label => present(call, owner, label));
  };
}

/** By id or by title, in the path or, as older clients do, in `name` or `label_id`. */
function labelOf(call: Call, owner: Owner): LabelRecord {
  const wanted = call.params['label'] ?? text(call.input, 'label_id') ?? text(call.input, 'name');
  if (wanted === null) throw badParameter('label_id, name are missing, exactly one parameter must be provided');
  const labels = [owner.own, ...owner.above].flatMap(holder => [...holder.labels.values()]);
  const label =
    labels.find(candidate => candidate.title === wanted) ?? labels.find(candidate => String(candidate.id) === wanted);
  if (label === undefined) throw notFound('Label');
  return label;
}

export function getLabel(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope);
    return ok(present(call, owner, labelOf(call, owner)));
  };
}

const NAMED_COLORS: Record<string, string> = {
  red: '#FF0000',
  green: '#008000',
  blue: '#0000FF',
  black: '#000000',
  white: '#FFFFFF',
  yellow: '#FFFF00',
  orange: '#FFA500',
  purple: '#800080',
};

function colorOf(text: string): string {
  const color = NAMED_COLORS[text.toLowerCase()] ?? text;
  if (!/^#(?:[0-9A-Fa-f]{3}){1,2}$/.test(color)) throw invalid({ color: ['must be a valid color code'] });
  return color;
}

function checkTitle(title: string): void {
  if (title.trim() === '') throw invalid({ title: ["can't be blank"] });
  if (title.includes(',')) throw invalid({ title: ['is invalid'] });
}

export function postLabel(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope, ACCESS.planner);
    const { input, world } = call;
    demand(input, 'name', 'color');
    const title = requiredText(input, 'name');
    checkTitle(title);
    const color = colorOf(requiredText(input, 'color'));
    const all = [owner.own, ...owner.above].flatMap(holder => [...holder.labels.values()]);
    if (all.some(label => label.title === title)) throw conflict('Label already exists');
    const label = createLabel(world, scope === 'project' ? { projectId: owner.own.id } : { groupId: owner.own.id }, {
      title,
      color,
      description: text(input, 'description'),
      priority: integer(input, 'priority'),
    });
    return created(present(call, owner, label));
  };
}

export function putLabel(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope, ACCESS.planner);
    const label = labelOf(call, owner);
    const { input } = call;
    const names = ['new_name', 'color', 'description', 'priority', 'archived'];
    if (!names.some(name => has(input, name))) {
      throw badParameter(`${names.join(', ')} are missing, at least one parameter must be provided`);
    }
    const title = text(input, 'new_name');
    if (title !== null) {
      checkTitle(title);
      if ([...owner.own.labels.values()].some(other => other !== label && other.title === title)) {
        throw invalid({ title: ['has already been taken'] });
      }
      label.title = title;
    }
    const color = text(input, 'color');
    if (color !== null) label.color = colorOf(color);
    if (has(input, 'description')) label.description = text(input, 'description');
    if (has(input, 'priority')) label.priority = integer(input, 'priority');
    label.archived = bool(input, 'archived') ?? label.archived;
    label.updatedAt = now(call.world);
    return ok(present(call, owner, label));
  };
}

export function removeLabel(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope, ACCESS.planner);
    const label = labelOf(call, { ...owner, above: [] });
    deleteLabel(call.world, owner.own, label);
    return noContent();
  };
}

export function subscribeLabel(scope: Scope, subscribed: boolean): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope);
    const label = labelOf(call, owner);
    const key = `${actorOf(call).user.id}:${label.id}`;
    if (subscribed) call.world.labelSubscriptions.add(key);
    else call.world.labelSubscriptions.delete(key);
    return created(present(call, owner, label));
  };
}

/** A project's label becomes its group's; everything that wore it wears it still. */
export function promoteLabel(call: Call): Answer {
  const owner = ownerOf(call, 'project', ACCESS.planner);
  const group = owner.above[0];
  const label = labelOf(call, { ...owner, above: [] });
  if (group === undefined) throw notFound('Group');
  owner.own.labels.delete(label.id);
  label.projectId = null;
  label.groupId = group.id;
  group.labels.set(label.id, label);
  return ok(presentLabel(call.world, label));
}
