import type { BoardRules } from './facts.ts';
import type { BoardProject, BoardSettings } from './settings.ts';

/** A project's settings by its path, and the path as configured; GitLab's paths do not distinguish case. */
export function findProject(
  settings: BoardSettings,
  project: string,
): { project: string; settings: BoardProject } | undefined {
  const name = Object.keys(settings.projects).find(each => each.toLowerCase() === project.toLowerCase());
  const found = name === undefined ? undefined : settings.projects[name];
  return name === undefined || found === undefined ? undefined : { project: name, settings: found };
}

/** A project's settings, as the decision wants them. */
export function toRules(project: BoardProject): BoardRules {
  const { columns, opened, merged, merged_by_branch: mergedByBranch } = project;
  const upTo = columns.slice(0, columns.indexOf(merged) + 1);
  return {
    columns,
    opened,
    draft: project.draft ?? null,
    merged,
    mergedByBranch,
    mergedWhen: project.merged_when,
    closed: project.closed,
    from: project.from ?? [...new Set([...upTo, opened, ...Object.values(mergedByBranch)])],
  };
}
