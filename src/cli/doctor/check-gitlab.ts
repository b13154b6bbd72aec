import { gitlabHookUrl } from '../../config/public-url.ts';
import type { Settings } from '../../config/schema.ts';
import { SignalboxError } from '../../errors.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { type Check, fail, ok, warn } from './check.ts';

const DEVELOPER = 30;
const SOON = 30 * 24 * 60 * 60_000;

/** The connection to GitLab and the bot's token. */
export async function checkGitLab(gitlab: GitLab, now: number): Promise<Check[]> {
  const checks: Check[] = [];
  try {
    const version = await gitlab.projects.version();
    const major = Number(version.split('.')[0]);
    checks.push(
      major >= 16
        ? ok('gitlab reachable', `${gitlab.url}, version ${version}`)
        : warn(
            'gitlab reachable',
            `version ${version} is older than 16`,
            'Update GitLab: older versions are not tested.',
          ),
    );
    const me = await gitlab.me();
    checks.push(ok('gitlab user', `the token belongs to @${me.username}`));
  } catch (error) {
    const detail = error instanceof SignalboxError ? error.detail : String(error);
    return [...checks, fail('gitlab reachable', detail, 'Check gitlab.url and gitlab.token.')];
  }
  const token = await gitlab.projects.token().catch(() => null);
  if (!token)
    return [...checks, warn('gitlab token', 'GitLab does not tell its scopes', 'Use a project or group access token.')];
  checks.push(
    token.scopes.includes('api')
      ? ok('gitlab token scope', token.scopes.join(', '))
      : fail('gitlab token scope', `scopes: ${token.scopes.join(', ')}`, 'Make a token with the scope api.'),
  );
  if (token.expires_at === null) checks.push(ok('gitlab token expiry', 'it does not expire'));
  else {
    const left = Date.parse(token.expires_at) - now;
    const detail = `expires on ${token.expires_at}`;
    checks.push(
      left > SOON
        ? ok('gitlab token expiry', detail)
        : warn('gitlab token expiry', detail, 'Make a new token in time.'),
    );
  }
  return checks;
}

/** What the version check needs of each project. */
export async function checkProjects(
  gitlab: GitLab,
  opsGitlab: GitLab | undefined,
  settings: Settings,
): Promise<Check[]> {
  const checks: Check[] = [];
  const hookUrl = gitlabHookUrl(settings);
  const me = await gitlab.me();
  for (const [path, project] of Object.entries(settings.version_check?.projects ?? {})) {
    const found = await gitlab.projects.find(path);
    if (!found) {
      checks.push(fail(path, 'the bot does not see this project', 'Check the spelling, and add the bot as Developer.'));
      continue;
    }
    const level = await gitlab.projects.accessLevel(path, me.id);
    checks.push(
      level >= DEVELOPER
        ? ok(`${path} role`, `access level ${level}`)
        : fail(`${path} role`, `access level ${level}`, 'Give the bot the role Developer: resolving threads needs it.'),
    );
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
    for (const line of project.lines ?? settings.lines ?? []) {
      const branch = await gitlab.repository.findBranch(path, line.branch);
      if (!branch)
        checks.push(warn(`${path} line ${line.name}`, `there is no branch ${line.branch}`, 'Correct `lines`.'));
    }
    checks.push(...(await checkHook(path, opsGitlab, hookUrl)));
  }
  return checks;
}

async function checkHook(path: string, opsGitlab: GitLab | undefined, hookUrl: string): Promise<Check[]> {
  const name = `${path} webhook`;
  if (!opsGitlab) {
    return [
      warn(name, 'cannot be looked at', 'Set gitlab.ops_token (Maintainer), so that lost deliveries are fetched, too.'),
    ];
  }
  const hooks = (await opsGitlab.hooks.list(path)).filter(hook => hook.url === hookUrl);
  const [hook] = hooks;
  if (!hook)
    return [fail(name, `none sends to ${hookUrl}`, 'Add it: merge request, push and comment events, with the secret.')];
  const lacking = [
    hook.merge_requests_events ? [] : ['merge request events'],
    hook.push_events ? [] : ['push events'],
    hook.note_events === false ? ['comments'] : [],
  ].flat();
  if (lacking.length > 0) return [fail(name, `lacks ${lacking.join(', ')}`, 'Switch them on in the webhook.')];
  if (hook.alert_status !== undefined && hook.alert_status !== 'executable') {
    return [warn(name, `GitLab has switched it off (${hook.alert_status})`, 'A running service switches it on again.')];
  }
  return [ok(name, 'sends merge request, push and comment events')];
}
