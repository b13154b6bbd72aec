import type { VersionCheckProject } from '../../automations/version-check/settings.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { Project } from '../../gitlab/client/schemas.ts';
import { type Check, fail, ok, warn } from './check.ts';

/** What the version check needs of a project: that a thread holds up a merge, and that the lines' branches exist. */
export async function checkVersionCheck(
  gitlab: GitLab,
  found: Project,
  path: string,
  project: VersionCheckProject,
  commonLines: readonly { name: string; branch: string }[],
): Promise<Check[]> {
  const checks: Check[] = [];
  if (project.gate.includes('thread')) {
    checks.push(
      found.only_allow_merge_if_all_discussions_are_resolved
        ? ok(`${path} threads`, 'all threads must be resolved before a merge')
        : fail(
            `${path} threads`,
            'an open thread does not hold up a merge in this project',
            'Switch on Settings > Merge requests > "All threads must be resolved".',
          ),
    );
  }
  for (const line of project.lines ?? commonLines) {
    const branch = await gitlab.repository.findBranch(path, line.branch);
    if (!branch) {
      checks.push(warn(`${path} line ${line.name}`, `there is no branch ${line.branch}`, 'Correct `lines`.'));
    }
  }
  return checks;
}
