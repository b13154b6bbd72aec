import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../config/load-config.ts';
import type { Settings } from '../../config/schema.ts';
import { explainKey } from '../../engine/explain.ts';
import { SignalboxError } from '../../errors.ts';
import { type Service, startService } from '../../service/compose.ts';
import type { ScanCommandOptions } from './scan-command-options.ts';
import type { Sent } from './send-reports.ts';
import { stateFileFor } from './state-file.ts';

/** What was decided about one race, and done; in a dry run, what would be done. */
export interface Filed {
  fingerprint: string;
  title: string;
  verdict: string;
  because: string[];
  plan: string[];
}

/** The GitLab and the rules by which races are filed. */
export interface Target {
  gitlab: NonNullable<Settings['gitlab']>;
  races: NonNullable<Settings['races']>;
}

/** The triage of the service, in this process and for as long as one scan takes. */
export interface Triage {
  /** Where reports are sent, and with which token. */
  service: string;
  token: string;
  /** Waits until all races have been dealt with, and returns what became of these. */
  settled(races: Sent['races'], patience: number): Promise<Filed[]>;
  close(): Promise<void>;
}

const POLL_MS = 50;
/** What is due later than this waits for another day or for somebody else, and not for us. */
const SOON_MS = 10_000;
const SOURCE_TOKEN = 'SIGNALBOX_OWN_RACE_TOKEN';
const HOOK_TOKEN = 'SIGNALBOX_OWN_HOOK_TOKEN';

/**
 * Starts the service's own triage without the service: only the races, on a free port of this machine, with a data
 * directory of its own that remembers what was counted and filed. A dry run gets an empty one and leaves nothing behind.
 *
 * @throws SignalboxError SBX_SECRET_UNREADABLE, SBX_DATA_DIRECTORY_IN_USE …
 */
export async function startTriage(
  { gitlab, races }: Target,
  dryRun: boolean,
  environment: NodeJS.ProcessEnv,
): Promise<Triage> {
  const token = randomBytes(32).toString('base64url');
  const directory = dryRun
    ? await mkdtemp(join(tmpdir(), 'signalbox-dry-run-'))
    : stateFileFor(['triage', gitlab.url, races.project], environment).replace(/\.json$/, '');
  const own = { [SOURCE_TOKEN]: token, [HOOK_TOKEN]: randomBytes(32).toString('base64url') };
  const text = JSON.stringify({ service: { listen: '127.0.0.1:0', data_dir: directory } });
  const { settings } = await loadConfig('the standalone triage', { environment: {}, readFile: async () => text });
  const service = await startService({
    settings: {
      ...settings,
      gitlab: {
        url: gitlab.url,
        token: gitlab.token,
        webhook: { signing_tokens: [], secret_tokens: [{ secretIn: 'env', name: HOOK_TOKEN }] },
      },
      races: { ...races, sources: [{ name: 'this machine', token: { secretIn: 'env', name: SOURCE_TOKEN } }] },
    },
    environment: { ...environment, ...own },
    dryRun,
    logLevel: 'error',
  });
  return {
    service: service.url,
    token,
    async settled(found, patience) {
      await settle(service, patience);
      return Promise.all(found.map(race => decisionOn(service, race)));
    },
    async close() {
      await service.stop();
      if (dryRun) await rm(directory, { recursive: true, force: true });
    },
  };
}

/**
 * Where to file, from a configuration file, or from options and the variables of a GitLab pipeline.
 *
 * @throws SignalboxError SBX_USAGE, SBX_CONFIG_NOT_FOUND, SBX_CONFIG_INVALID
 */
export async function triageTarget(options: ScanCommandOptions, environment: NodeJS.ProcessEnv): Promise<Target> {
  const project = options.project || environment['CI_PROJECT_PATH'];
  const url = options.gitlabUrl ?? environment['CI_SERVER_URL'];
  const config = options.config ?? (project === undefined && existsSync('signalbox.yaml') ? 'signalbox.yaml' : null);
  if (config !== null) {
    const { gitlab, races } = (await loadConfig(config, { environment })).settings;
    if (gitlab && races) return { gitlab, races };
    throw new SignalboxError('SBX_USAGE', `${config} has no section ${gitlab ? 'races' : 'gitlab'}`);
  }
  if (project === undefined)
    throw new SignalboxError('SBX_USAGE', '--gitlab needs --project group/project, or --config');
  if (url === undefined) throw new SignalboxError('SBX_USAGE', '--gitlab needs --gitlab-url, or --config');
  const token = tokenReference(options, environment);
  const text = JSON.stringify({ gitlab: { url, token }, races: { project } });
  const { settings } = await loadConfig('the options', { environment: {}, readFile: async () => text });
  return settings as Target;
}

function tokenReference(
  { tokenFile }: ScanCommandOptions,
  environment: NodeJS.ProcessEnv,
): { file: string } | { env: string } {
  if (tokenFile !== undefined) return { file: resolve(tokenFile) };
  const name = ['SIGNALBOX_GITLAB_TOKEN', 'GITLAB_TOKEN'].find(each => (environment[each] ?? '') !== '');
  if (name !== undefined) return { env: name };
  throw new SignalboxError('SBX_USAGE', '--gitlab needs a token: --token-file, SIGNALBOX_GITLAB_TOKEN or GITLAB_TOKEN');
}

/** Waits until nothing about a race or a digest is due any more. */
async function settle({ engine, database }: Service, patience: number): Promise<void> {
  for (const until = Date.now() + patience; ; await sleep(POLL_MS)) {
    const work = await database.query.selectFrom('work').selectAll().execute();
    const ours = work.filter(({ key }) => /^race(?:-digest)?:/.test(key));
    const failed = ours.find(row => row.error !== null && row.owner === null);
    const open = ours.some(
      row => row.owner !== null || (row.due_at !== null && Number(row.due_at) < Date.now() + SOON_MS),
    );
    if (engine.intake.unread === 0 && !open) {
      if (!failed) return;
      throw notFiled(failed);
    }
    if (Date.now() > until)
      throw failed ? notFiled(failed) : new SignalboxError('SBX_LOOK_FAILED', 'it takes too long');
  }
}

function notFiled({ key, error }: { key: string; error: string | null }): SignalboxError {
  const { detail } = JSON.parse(error ?? '{}') as { detail?: string };
  return new SignalboxError('SBX_LOOK_FAILED', `${key}: ${detail ?? 'no result'}; the next scan tries it again`);
}

async function decisionOn({ database }: Service, { fingerprint, title }: Sent['races'][number]): Promise<Filed> {
  const explanation = await explainKey(database.query, `race:${fingerprint}`);
  const { verdict = 'not decided', because = [], plan = [] } = explanation?.decision ?? {};
  return { fingerprint, title, verdict, because, plan };
}
