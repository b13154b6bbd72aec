import { request } from 'undici';
import type { Settings } from '../../config/schema.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { remedy } from './remedies.ts';

/** Whether people can get into the dashboard. */
export async function checkSignIn(settings: Settings, gitlab: GitLab): Promise<Check[]> {
  const { dashboard } = settings.service;
  const name = 'sign-in';
  if (!dashboard) return [warn(name, 'nobody can sign in to the dashboard', remedy('no sign-in'))];
  const oauth = dashboard.gitlab_oauth;
  if (!oauth) return [ok(name, 'with a token')];
  const url = oauth.url ?? gitlab.url;
  const checks = [await checkProvider(name, url)];
  // Only there can the bot's token ask.
  if (url !== gitlab.url) return checks;
  for (const group of [...oauth.allowed_groups, ...(oauth.operator_groups ?? [])]) {
    if (await gitlab.projects.groupExists(group)) continue;
    const detail = `the bot does not see the group ${group}`;
    checks.push(warn(`${name} groups`, detail, remedy('no such group')));
  }
  return checks;
}

async function checkProvider(name: string, url: string): Promise<Check> {
  const what = remedy('sign-in elsewhere');
  try {
    const answer = await request(`${url}/.well-known/openid-configuration`, { headersTimeout: 10_000 });
    const { issuer } = (await answer.body.json()) as { issuer?: string };
    if (answer.statusCode === 200 && issuer === url) return ok(name, `at ${url}`);
    return fail(name, `${url} says that it is ${issuer ?? `nothing (${answer.statusCode})`}`, what);
  } catch (error) {
    return fail(name, `${url} cannot be asked how to sign in: ${(error as Error).message}`, what);
  }
}
