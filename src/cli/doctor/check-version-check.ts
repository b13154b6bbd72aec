import type { VersionCheckProject } from '../../automations/version-check/settings.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { Project } from '../../gitlab/client/schemas.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { remedy } from './remedies.ts';
import { tryFix } from './try-fix.ts';

interface VersionCheckContext {
  gitlab: GitLab;
  maintainer: GitLab | undefined;
  found: Project;
  path: string;
  project: VersionCheckProject;
  commonLines: readonly { name: string; branch: string }[];
}

/** What the version check needs of a project: that a thread holds up a merge, and that the lines' branches exist. */
export async function checkVersionCheck(context: VersionCheckContext): Promise<Check[]> {
  const { gitlab, path, project, commonLines } = context;
  const checks: Check[] = project.gate.includes('thread') ? [checkThreads(context)] : [];
  for (const line of project.lines ?? commonLines) {
    const branch = await gitlab.repository.findBranch(path, line.branch);
    if (!branch) {
      checks.push(warn(`${path} line ${line.name}`, `there is no branch ${line.branch}`, remedy('no line branch')));
    }
  }
  return checks;
}

function checkThreads({ maintainer, found, path }: VersionCheckContext): Check {
  const name = `${path} threads`;
  if (found.only_allow_merge_if_all_discussions_are_resolved)
    return ok(name, 'all threads must be resolved before a merge');
  const place = 'Settings > Merge requests > "All threads must be resolved"';
  const detail = 'an open thread does not hold up a merge in this project';
  if (!maintainer) return fail(name, detail, remedy('threads optional, no ops token'));
  const switchOn = async () => {
    await maintainer.projects.holdMergesByThreads(path);
    return 'switched on: all threads must be resolved before a merge';
  };
  return {
    ...fail(name, detail, remedy('threads optional')),
    fix: tryFix(name, switchOn, `Switch on ${place}.`),
    does: `switch on "All threads must be resolved" in ${path}`,
  };
}
