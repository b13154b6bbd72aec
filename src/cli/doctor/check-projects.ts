import { gitlabHookUrl } from '../../config/public-url.ts';
import type { Settings } from '../../config/schema.ts';
import { SignalboxError } from '../../errors.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { HookEventName, HookSecret } from '../../gitlab/client/hooks.ts';
import type { Project } from '../../gitlab/client/schemas.ts';
import { type Check, fail, ok } from './check.ts';
import { checkBoard } from './check-board.ts';
import { checkEscalation } from './check-escalation.ts';
import { checkHooks } from './check-hooks.ts';
import { checkLibrary, findLibraries } from './check-libraries.ts';
import { checkRaces } from './check-races.ts';
import { checkVersionCheck } from './check-version-check.ts';
import { remedy } from './remedies.ts';

const REPORTER = 20;
const DEVELOPER = 30;
const MAINTAINER = 40;

/** What one automation needs of a project, and its own checks of it. */
interface Demand {
  events: HookEventName[];
  role: number;
  /** What the role is needed for. */
  to: string;
  /** The third has the role Maintainer, where a token does. */
  check: (gitlab: GitLab, found: Project, maintainer: GitLab | undefined) => Promise<Check[]>;
}

/** What each project lacks of that which its automations need; a project of several automations is looked at once. */
export async function checkProjects(
  gitlab: GitLab,
  opsGitlab: GitLab | undefined,
  settings: Settings,
  secret: () => Promise<HookSecret>,
): Promise<Check[]> {
  const checks: Check[] = [];
  const hookUrl = gitlabHookUrl(settings);
  const me = await gitlab.me();
  const demandsByPath = demandsOf(settings);
  checks.push(...(await demandOfLibraries(demandsByPath, gitlab, settings)));
  for (const [path, demands] of demandsByPath) {
    const found = await gitlab.projects.find(path);
    if (!found) {
      checks.push(fail(path, 'the bot does not see this project', remedy('no project')));
      continue;
    }
    const level = await gitlab.projects.accessLevel(path, me.id);
    checks.push(roleCheck(path, level, demands));
    const refusal = opsGitlab && (await opsRefusal(opsGitlab, path));
    if (refusal) checks.push(refusal);
    const ops = refusal ? undefined : opsGitlab;
    const maintainer = ops ?? (level >= MAINTAINER ? gitlab : undefined);
    for (const demand of demands) checks.push(...(await demand.check(gitlab, found, maintainer)));
    const events = new Set(demands.flatMap(each => each.events));
    const isPublic = settings.service.public_url !== undefined;
    if (events.size > 0) checks.push(await checkHooks(path, { maintainer, hookUrl, isPublic, secret }, events));
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
      check: (gitlab, found, maintainer) =>
        checkVersionCheck({ gitlab, maintainer, found, path, project, commonLines: settings.lines ?? [] }),
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

/** Adds the libraries, which only GitLab knows by name; says which patterns mean none. */
async function demandOfLibraries(demands: Map<string, Demand[]>, gitlab: GitLab, settings: Settings): Promise<Check[]> {
  const tags = settings.library_tags;
  if (!tags) return [];
  const { libraries, checks } = await findLibraries(gitlab, tags);
  const needsProtectedBranch = tags.keyless?.ref_protected ?? false;
  for (const [path, rules] of libraries) {
    const demand: Demand = {
      events: rules.onPush ? ['push_events', 'tag_push_events'] : [],
      role: DEVELOPER,
      to: 'creating tags',
      check: (own, found, maintainer) => checkLibrary(own, maintainer, { found, rules, needsProtectedBranch }),
    };
    demands.set(path, [...(demands.get(path) ?? []), demand]);
  }
  return checks;
}

/** Only a Maintainer sees webhooks; an admin does without being a member, so that roles would not tell. */
async function opsRefusal(opsGitlab: GitLab, path: string): Promise<Check | null> {
  try {
    await opsGitlab.hooks.list(path);
    return null;
  } catch (error) {
    if (!(error instanceof SignalboxError) || error.code !== 'SBX_REMOTE_REFUSED') throw error;
    return fail(`${path} ops role`, 'gitlab.ops_token may not look at the webhooks', remedy('ops role too low'));
  }
}

function roleCheck(path: string, level: number, demands: readonly Demand[]): Check {
  const name = `${path} role`;
  const lacking = demands.filter(demand => level < demand.role).toSorted((a, b) => b.role - a.role)[0];
  if (!lacking) return ok(name, `access level ${level}`);
  const role = lacking.role === DEVELOPER ? 'Developer' : 'Reporter';
  return fail(name, `access level ${level}`, remedy('role too low', { role, purpose: lacking.to }));
}
