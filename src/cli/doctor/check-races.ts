import type { RacesSettings } from '../../automations/races/settings.ts';
import { readSuppressions } from '../../automations/races/suppressions.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { Project } from '../../gitlab/client/schemas.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { remedy } from './remedies.ts';
import { tryFix } from './try-fix.ts';

/** For the label that `--fix` creates; people choose its colour later. */
const LABEL = { color: '#dc143c', description: 'A data race that a soak box has seen' };

/** What the race issues need of their project: the label, boxes that may report, and a suppression file without faults. */
export async function checkRaces(gitlab: GitLab, found: Project, races: RacesSettings): Promise<Check[]> {
  const { project, label, sources } = races;
  const titles = await gitlab.issues.labelTitles(project);
  const checks = [titles.includes(label) ? ok(`${project} race label`, `"${label}"`) : missingLabel(gitlab, races)];
  if (sources.length === 0) {
    checks.push(warn(`${project} race sources`, 'races.sources is empty', remedy('no boxes')));
  }
  return [...checks, ...(await checkSuppressions(gitlab, found, races))];
}

function missingLabel(gitlab: GitLab, { project, label }: RacesSettings): Check {
  const name = `${project} race label`;
  const create = async () => {
    await gitlab.boards.createLabel(project, { name: label, ...LABEL });
    return `created "${label}"`;
  };
  return {
    ...fail(name, `there is no label "${label}"`, remedy('no race label')),
    fix: tryFix(name, create, 'Create it by hand.'),
    does: `create the label "${label}" in ${project}`,
  };
}

async function checkSuppressions(
  gitlab: GitLab,
  found: Project,
  { project, suppressions }: RacesSettings,
): Promise<Check[]> {
  if (suppressions === false || !found.default_branch) return [];
  const name = `${project} race suppressions`;
  const file = await gitlab.repository.readFile(project, suppressions, found.default_branch);
  if (!file.found) return [ok(name, `there is no ${suppressions}: every race is filed`)];
  const { entries, fault } = readSuppressions(file.content.toString('utf8'));
  const what = remedy('suppressions invalid');
  return [
    fault === null ? ok(name, `${entries.length} in ${suppressions}`) : warn(name, `${suppressions}: ${fault}`, what),
  ];
}
