import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { request } from 'undici';
import { loadConfig } from '../../config/load-config.ts';
import { requireWebhookSecret, type Settings } from '../../config/schema.ts';
import { readSecret } from '../../config/secrets.ts';
import { SignalboxError } from '../../errors.ts';
import { createGitLab, type GitLab } from '../../gitlab/client/create-gitlab.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { checkFreshdesk } from './check-escalation.ts';
import { checkGitLab } from './check-gitlab.ts';
import { checkProjects } from './check-projects.ts';
import { checkReleases } from './check-releases.ts';

const LOW_DISK = 1024 ** 3;
const SKEW = 60_000;

/**
 * All checks, in the order in which one would look for a fault. Only with `fix` is anything changed: what a check knows to put
 * right is done, and the check says what came of it. A configuration that cannot be read throws.
 */
export async function examine(configFile: string, options: { fix: boolean }): Promise<Check[]> {
  const { settings, file } = await loadConfig(configFile, { environment: process.env });
  const checks = [ok('configuration', `${file} is valid`), await checkDisk(settings)];
  if (settings.gitlab) checks.push(checkWebhookSecret(settings));
  checks.push(...(await checkReleases(settings)), ...(await checkSupport(settings)));
  if (!settings.gitlab) return checks;
  const open = async (reference: NonNullable<Settings['gitlab']>['token']): Promise<GitLab> => {
    const { value } = await readSecret(reference, process.env);
    return createGitLab({ url: settings.gitlab?.url ?? '', token: value });
  };
  const gitlab = await open(settings.gitlab.token);
  const opsGitlab = settings.gitlab.ops_token && (await open(settings.gitlab.ops_token));
  try {
    const connection = await checkGitLab(gitlab, Date.now());
    checks.push(...connection, await checkClock(settings.gitlab.url));
    if (!connection.some(check => check.status === 'FAIL'))
      checks.push(...(await checkProjects(gitlab, opsGitlab, settings)));
    if (!options.fix) return checks;
    const fixed: Check[] = [];
    for (const check of checks) fixed.push(check.fix ? await check.fix() : check);
    return fixed;
  } finally {
    await gitlab.close();
    await opsGitlab?.close();
  }
}

async function checkSupport(settings: Settings): Promise<Check[]> {
  if (!settings.freshdesk) return [];
  const { value } = await readSecret(settings.freshdesk.api_key, process.env);
  return checkFreshdesk(settings, value);
}

function checkWebhookSecret(settings: Settings): Check {
  try {
    requireWebhookSecret(settings);
    return ok('webhook secret', 'configured');
  } catch (error) {
    const detail = error instanceof SignalboxError ? error.detail : String(error);
    return fail('webhook secret', detail, 'Add one to gitlab.webhook and to the webhook in GitLab.');
  }
}

async function checkDisk(settings: Settings): Promise<Check> {
  let directory = settings.service.data_dir;
  while (!existsSync(directory) && dirname(directory) !== directory) directory = dirname(directory);
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GiB free for ${settings.service.data_dir}`;
  return free > LOW_DISK ? ok('free disk', detail) : warn('free disk', detail, 'Make room before it runs out.');
}

/** Signed webhooks carry a time and are refused when the clocks are far apart. */
async function checkClock(url: string): Promise<Check> {
  try {
    const answer = await request(url, { method: 'HEAD', headersTimeout: 10_000 });
    await answer.body.dump();
    const theirs = Date.parse(String(answer.headers['date'] ?? ''));
    const skew = Math.abs(Date.now() - theirs);
    if (Number.isNaN(skew)) return warn('clock', 'GitLab sends no date', '');
    const detail = `${Math.round(skew / 1000)} s apart from GitLab's`;
    return skew < SKEW ? ok('clock', detail) : fail('clock', detail, 'Set this machine’s clock by NTP.');
  } catch (error) {
    return warn('clock', `could not be compared: ${(error as Error).message}`, '');
  }
}
