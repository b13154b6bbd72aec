import { projectGroups } from '../state/access.ts';
import type { IssuableRecord, LabelRecord, ProjectRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';

/** The labels of an issue or merge request, by title. */
export function labelsOf(world: World, project: ProjectRecord, item: IssuableRecord): LabelRecord[] {
  if (item.labelIds.size === 0) return [];
  const groups = projectGroups(world, project);
  const found: LabelRecord[] = [];
  for (const id of item.labelIds) {
    const label =
      project.labels.get(id) ?? groups.map(group => group.labels.get(id)).find(candidate => candidate !== undefined);
    if (label !== undefined) found.push(label);
  }
  return found.sort((a, b) => (a.title < b.title ? -1 : a.title > b.title ? 1 : a.id - b.id));
}

export function labelTitles(world: World, project: ProjectRecord, item: IssuableRecord): string[] {
  return labelsOf(world, project, item).map(label => label.title);
}

export function userNotesCount(item: IssuableRecord): number {
  let count = 0;
  for (const note of item.notes) if (!note.system) count += 1;
  return count;
}

export function votes(item: IssuableRecord): { upvotes: number; downvotes: number } {
  return {
    upvotes: item.awards.filter(award => award.name === 'thumbsup').length,
    downvotes: item.awards.filter(award => award.name === 'thumbsdown').length,
  };
}

export function timeStats(item: IssuableRecord): Record<string, unknown> {
  return {
    time_estimate: item.timeEstimate,
    total_time_spent: item.timeSpent,
    human_time_estimate: humanTime(item.timeEstimate),
    human_total_time_spent: humanTime(item.timeSpent),
  };
}

/** Seconds as GitLab prints them: `1w 2d 3h 30m` with 8-hour days and 5-day weeks. */
export function humanTime(seconds: number): string | null {
  if (seconds === 0) return null;
  const parts: string[] = [];
  let rest = Math.abs(seconds);
  for (const [unit, size] of [
    ['w', 144_000],
    ['d', 28_800],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return `${seconds < 0 ? '-' : ''}${parts.join(' ')}`;
}

export function taskStatus(item: IssuableRecord): { count: number; completed_count: number } {
  const boxes = [...(item.description ?? '').matchAll(/^\s*(?:[-*+]|\d+[.)])\s+\[([ xX])\]/gm)];
  return { count: boxes.length, completed_count: boxes.filter(box => box[1] !== ' ').length };
}

/** `#1` / `!1` in three lengths. */
export function references(
  project: ProjectRecord,
  item: { iid: number; kind: 'issue' | 'merge_request' },
): Record<string, string> {
  const short = `${item.kind === 'issue' ? '#' : '!'}${item.iid}`;
  return { short, relative: short, full: `${project.fullPath}${short}` };
}
