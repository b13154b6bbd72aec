import type { BoardRules } from './facts.ts';
import type { BoardProject } from './settings.ts';

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
    reopen: project.reopen,
    from: project.from ?? [...new Set([...upTo, opened, ...Object.values(mergedByBranch)])],
  };
}
