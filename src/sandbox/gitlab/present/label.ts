import type { GroupRecord, LabelRecord, ProjectRecord } from '../state/records.ts';
import { since, type World } from '../state/world.ts';

/** Black or white, whichever reads better on the label's colour. */
export function textColor(color: string): string {
  const hex = color.length === 4 ? color.slice(1).replaceAll(/./g, '$&$&') : color.slice(1);
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map(at => Number.parseInt(hex.slice(at, at + 2), 16));
  return (red * 299 + green * 587 + blue * 114) / 1000 > 155 ? '#1F1E24' : '#FFFFFF';
}

export function presentLabel(
  world: World,
  label: LabelRecord,
  options: { project?: ProjectRecord; withCounts?: boolean } = {},
): Record<string, unknown> {
  return {
    id: label.id,
    name: label.title,
    description: label.description,
    description_html: label.description ?? '',
    text_color: textColor(label.color),
    color: label.color,
    ...(since(world, 18) ? { archived: label.archived } : {}),
    ...(options.withCounts === true && options.project !== undefined ? counts(options.project, label) : {}),
    subscribed: false,
    ...(options.project === undefined ? {} : { priority: label.priority, is_project_label: label.projectId !== null }),
  };
}

function counts(project: ProjectRecord, label: LabelRecord): Record<string, number> {
  const issues = [...project.issues.values()].filter(issue => issue.labelIds.has(label.id));
  const open = issues.filter(issue => issue.state === 'opened').length;
  const mergeRequests = [...project.mergeRequests.values()].filter(
    item => item.state === 'opened' && item.labelIds.has(label.id),
  );
  return {
    open_issues_count: open,
    closed_issues_count: issues.length - open,
    open_merge_requests_count: mergeRequests.length,
  };
}

/** A label inside a list (`with_labels_details`) or a board. */
export function presentLabelDetail(world: World, label: LabelRecord): Record<string, unknown> {
  return {
    id: label.id,
    name: label.title,
    color: label.color,
    description: label.description,
    description_html: label.description ?? '',
    text_color: textColor(label.color),
    ...(since(world, 18) ? { archived: label.archived } : {}),
  };
}

/** The label as webhooks carry it. */
export function hookLabel(label: LabelRecord): Record<string, unknown> {
  return {
    id: label.id,
    title: label.title,
    color: label.color,
    project_id: label.projectId,
    created_at: hookTime(label.createdAt),
    updated_at: hookTime(label.updatedAt),
    template: false,
    description: label.description,
    type: label.projectId === null ? 'GroupLabel' : 'ProjectLabel',
    group_id: label.groupId,
  };
}

/** `2025-08-05 21:48:25 UTC`, the form of dates in most webhook bodies. */
export function hookTime(iso: string): string;
export function hookTime(iso: string | null): string | null;
export function hookTime(iso: string | null): string | null {
  return iso === null ? null : `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** All labels a project can use: its own and its groups', by title. */
export function availableLabels(project: ProjectRecord, groups: GroupRecord[]): LabelRecord[] {
  return [project, ...groups].flatMap(owner => [...owner.labels.values()]);
}
