import type { ProjectRecord } from './records.ts';

const stars = new WeakMap<ProjectRecord, Set<number>>();

/** Ids of the users who starred a project. */
export function starsOf(project: ProjectRecord): Set<number> {
  const known = stars.get(project) ?? new Set<number>();
  stars.set(project, known);
  return known;
}
