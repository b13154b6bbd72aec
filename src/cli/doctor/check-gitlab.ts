import { SignalboxError } from '../../errors.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { checkToken } from './check-token.ts';
import { remedy } from './remedies.ts';

/** The connection to GitLab and the bot's token. */
export async function checkGitLab(gitlab: GitLab, now: number): Promise<Check[]> {
  const checks: Check[] = [];
  try {
    const version = await gitlab.projects.version();
    const major = Number(version.split('.')[0]);
    checks.push(
      major >= 16
        ? ok('gitlab reachable', `${gitlab.url}, version ${version}`)
        : warn('gitlab reachable', `version ${version} is older than 16`, remedy('gitlab old')),
    );
    const me = await gitlab.me();
    checks.push(ok('gitlab user', `the token belongs to @${me.username}`));
  } catch (error) {
    const detail = error instanceof SignalboxError ? error.detail : String(error);
    return [...checks, fail('gitlab reachable', detail, remedy('gitlab unreachable'))];
  }
  return [...checks, ...(await checkToken('gitlab.token', 'gitlab token', gitlab, now))];
}
