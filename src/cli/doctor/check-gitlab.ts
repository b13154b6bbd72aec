import { SignalboxError } from '../../errors.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { type Check, fail, ok, warn } from './check.ts';

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
