import { gitlabHookUrl } from '../../config/public-url.ts';
import type { Settings } from '../../config/schema.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { Project } from '../../gitlab/client/schemas.ts';
import { type Check, fail, ok } from './check.ts';
import { checkBoard } from './check-board.ts';
import { checkEscalation } from './check-escalation.ts';
import { checkHooks, type HookEvent } from './check-hooks.ts';
import { checkRaces } from './check-races.ts';
import { checkVersionCheck } from './check-version-check.ts';

const REPORTER = 20;
const DEVELOPER = 30;

/** What one automation needs of a project, and its own checks of it. */
interface Demand {
  events: HookEvent[];
  role: number;
  /** What the role is needed for. */
  to: string;
  check: (gitlab: GitLab, found: Project) => Promise<Check[]>;
}

/** What each project lacks of that which its automations need; a project of several automations is looked at once. */
export async function checkProjects(
  gitlab: GitLab,
  opsGitlab: GitLab | undefined,
  settings: Settings,
): Promise<Check[]> {
  const checks: Check[] = [];
  const hookUrl = gitlabHookUrl(settings);
  const me = await gitlab.me();
  for (const [path, demands] of demandsOf(settings)) {
    const found = await gitlab.projects.find(path);
    if (!found) {
      checks.push(fail(path, 'the bot does not see this project', 'Check the spelling, and add the bot as Developer.'));
      continue;
    }
    checks.push(roleCheck(path, await gitlab.projects.accessLevel(path, me.id), demands));
    for (const demand of demands) checks.push(...(await demand.check(gitlab, found)));
    checks.push(await checkHooks(path, opsGitlab, hookUrl, new Set(demands.flatMap(({ events }) => events))));
  }
  return checks;
}

function demandsOf(settings: Settings): Map<string, Demand[]> {
  const demands = new Map<string, Demand[]>();
  const add = (path: string, demand: Demand) => demands.set(path, [...(demands.get(path) ?? []), demand]);
  for (const [path, project] of Object.entries(settings.version_check?.projects ?? {})) {
    add(path, {
      events: ['merge_requests_events', 'push_events', 'note_events'],
      role: DEVELOPER,
      to: 'resolving threads',
      check: (gitlab, found) => checkVersionCheck(gitlab, found, path, project, settings.lines ?? []),
    });
  }
  for (const [path, project] of Object.entries(settings.board?.projects ?? {})) {
    add(path, {
      events: ['merge_requests_events', 'issues_events', 'confidential_issues_events'],
      role: REPORTER,
      to: 'changing labels',
      check: (gitlab, found) => checkBoard(gitlab, found, path, project),
    });
  }
  const { races, escalation } = settings;
  if (escalation) {
    add(escalation.project, {
      events: ['issues_events', 'confidential_issues_events', 'note_events'],
      role: REPORTER,
      to: 'labelling issues and writing internal comments',
      check: (gitlab, found) => checkEscalation(gitlab, found, escalation),
    });
  }
  if (races) {
    add(races.project, {
      events: ['note_events', 'issues_events'],
      role: REPORTER,
      to: 'labelling issues',
      check: (gitlab, found) => checkRaces(gitlab, found, races),
    });
  }
  return demands;
}

function roleCheck(path: string, level: number, demands: readonly Demand[]): Check {
  const name = `${path} role`;
  const lacking = demands.filter(demand => level < demand.role).toSorted((a, b) => b.role - a.role)[0];
  if (!lacking) return ok(name, `access level ${level}`);
  const role = lacking.role === DEVELOPER ? 'Developer' : 'Reporter';
  return fail(name, `access level ${level}`, `Give the bot the role ${role}: ${lacking.to} needs it.`);
}
