import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { request } from 'undici';
import type { SecretReference } from '../../config/fields.ts';
import { loadConfig } from '../../config/load-config.ts';
import { requireWebhookSecret, type Settings } from '../../config/schema.ts';
import { readSecret } from '../../config/secrets.ts';
import { SignalboxError } from '../../errors.ts';
import { createGitLab, type GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { HookSecret } from '../../gitlab/client/hooks.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { checkArtifacts } from './check-artifacts.ts';
import { checkDatabase } from './check-database.ts';
import { checkFreshdesk } from './check-escalation.ts';
import { checkGitLab } from './check-gitlab.ts';
import { checkProjects } from './check-projects.ts';
import { checkReleases } from './check-releases.ts';
import { checkSecrets } from './check-secrets.ts';
import { checkService } from './check-service.ts';
import { checkSignIn } from './check-sign-in.ts';
import { checkToken } from './check-token.ts';
import { remedy } from './remedies.ts';

const LOW_DISK = 1024 ** 3;
const SKEW = 60_000;

export interface ExamineOptions {
  /** Whether to do what a check knows to put right; a function is asked about each. */
  fix: boolean | ((check: Check) => Promise<boolean>);
}

/**
 * All checks, in the order in which one would look for a fault. Only with `fix` is anything changed: what a check knows to put
 * right is done, and the check says what came of it. A configuration that cannot be read throws.
 */
export async function examine(configFile: string, options: ExamineOptions): Promise<Check[]> {
  const { settings, file } = await loadConfig(configFile, { environment: process.env });
  const secrets = await checkSecrets(settings, process.env);
  const checks = [ok('configuration', `${file} is valid`), ...secrets, await checkDisk(settings)];
  if (settings.gitlab) checks.push(checkWebhookSecret(settings));
  checks.push(...(await checkReleases(settings)), ...(await checkService(settings)));
  // Nothing below can be asked without them.
  if (secrets.some(check => check.status === 'FAIL')) return checks;
  const secret = async (reference: SecretReference) => (await readSecret(reference, process.env)).value;
  checks.push(...(await checkDatabase(settings)), ...(await checkArtifacts(settings, secret)));
  checks.push(...(await checkSupport(settings)));
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
    if (connection.some(check => check.status === 'FAIL')) return checks;
    if (opsGitlab) checks.push(...(await checkToken('gitlab.ops_token', 'gitlab ops token', opsGitlab, Date.now())));
    checks.push(...(await checkSignIn(settings, gitlab)));
    const hook = () => hookSecret(settings, gitlab);
    checks.push(...(await checkProjects(gitlab, opsGitlab, settings, hook)));
    return await fixed(checks, options.fix);
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

async function fixed(checks: readonly Check[], fix: ExamineOptions['fix']): Promise<Check[]> {
  const mayFix = typeof fix === 'function' ? fix : async () => fix;
  const after: Check[] = [];
  for (const check of checks) after.push(check.fix && (await mayFix(check)) ? await check.fix() : check);
  return after;
}

/** The secret for a new webhook: signed from GitLab 19 on, where a signing token is configured. */
async function hookSecret(settings: Settings, gitlab: GitLab): Promise<HookSecret> {
  const { signing_tokens, secret_tokens } = settings.gitlab?.webhook ?? { signing_tokens: [], secret_tokens: [] };
  const read = async (reference: SecretReference) => (await readSecret(reference, process.env)).value;
  const [signing] = signing_tokens;
  const [secret] = secret_tokens;
  const major = Number((await gitlab.projects.version()).split('.')[0]);
  if (signing && (major >= 19 || !secret)) return { signing_token: await read(signing) };
  if (secret) return { token: await read(secret) };
  throw new SignalboxError(
    'SBX_WEBHOOK_SECRET_MISSING',
    'gitlab.webhook lists neither signing_tokens nor secret_tokens',
  );
}

function checkWebhookSecret(settings: Settings): Check {
  try {
    requireWebhookSecret(settings);
    return ok('webhook secret', 'configured');
  } catch (error) {
    const detail = error instanceof SignalboxError ? error.detail : String(error);
    return fail('webhook secret', detail, remedy('no webhook secret'));
  }
}

async function checkDisk(settings: Settings): Promise<Check> {
  let directory = settings.service.data_dir;
  while (!existsSync(directory) && dirname(directory) !== directory) directory = dirname(directory);
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const detail = `${gibibytes(free)} free for ${settings.service.data_dir}`;
  const largest = Math.max(0, ...Object.values(settings.releases?.products ?? {}).map(product => product.max_size));
  if (free <= LOW_DISK) return warn('free disk', detail, remedy('disk low'));
  if (free > largest) return ok('free disk', detail);
  return warn('free disk', `${detail}, and a release may have ${gibibytes(largest)}`, remedy('disk below a release'));
}

function gibibytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
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
    return skew < SKEW ? ok('clock', detail) : fail('clock', detail, remedy('clock off'));
  } catch (error) {
    return warn('clock', `could not be compared: ${(error as Error).message}`, '');
  }
}
