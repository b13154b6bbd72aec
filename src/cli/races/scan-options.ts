import { hostname } from 'node:os';
import type { RaceSighting } from '../../automations/races/sighting.ts';
import { readSecret } from '../../config/secrets.ts';
import { SignalboxError } from '../../errors.ts';
import { type Build, buildFrom } from './build.ts';
import type { Target } from './file-in-gitlab.ts';
import type { ScanCommandOptions } from './scan-command-options.ts';
import type { Receiver } from './send-reports.ts';
import { stateFileFor } from './state-file.ts';
import { parseDuration, parseMoment } from './times.ts';

/** The same, checked and read, before anything is done. */
export interface ScanOrders {
  /** The service; null when nothing is sent, or when the races are filed from here. */
  receiver: Receiver | null;
  /** Where they are filed from here. */
  target: Target | null;
  host: string;
  /** The project and the helpers that fingerprints are made with. */
  project: string;
  lookThrough: readonly string[];
  patience: number;
  /** Where it is remembered what was read; undefined is nowhere. */
  state: string | undefined;
  /** Reports logged before this are left out, in ISO 8601. */
  since: string | null;
  settleMs: number;
  /** The build a report is from. */
  buildOf: (sighting: RaceSighting) => string | null;
  /** The build of the box as far as it is known without a log. */
  build: Build | null;
}

/**
 * Checks the options of `races scan`.
 *
 * @throws SignalboxError SBX_USAGE, SBX_SECRET_UNREADABLE
 */
export async function scanOrders(
  options: ScanCommandOptions,
  environment: NodeJS.ProcessEnv,
  now: number,
): Promise<ScanOrders> {
  checkCombination(options);
  const host = options.host ?? hostname();
  const receiver = await receiverOf(options, host, environment);
  const target = options.gitlab ? await targetOf(options, environment) : null;
  const since = options.since === undefined ? null : new Date(parseMoment(options.since, now)).toISOString();
  const build = await buildOf(options);
  const inLog = options.buildPattern === undefined ? null : await inLogOf(options.buildPattern);
  const told = receiver === null ? null : [withoutSlash(receiver.service), receiver.source ?? ''];
  const filed = target === null ? null : ['gitlab', target.gitlab.url];
  const project = target?.races.project ?? options.project;
  const named = told ?? filed;
  return {
    receiver,
    target,
    host,
    project,
    lookThrough: target?.races.lookthrough ?? [],
    patience: parseDuration(options.retryFor),
    state: options.state ?? (named === null ? undefined : stateFileFor([...named, host, project], environment)),
    since,
    settleMs: parseDuration(options.settle),
    build,
    buildOf: sighting => inLog?.(sighting) ?? build?.name ?? null,
  };
}

function checkCombination(options: ScanCommandOptions): void {
  const usage = (detail: string): never => {
    throw new SignalboxError('SBX_USAGE', detail);
  };
  if (options.gitlab && options.service !== undefined) usage('--service or --gitlab, not both');
  if (!options.gitlab && (options.gitlabUrl ?? options.config) !== undefined) {
    usage('--gitlab-url and --config say where to file with --gitlab');
  }
  if (options.heartbeat && options.service === undefined) usage('--heartbeat needs --service');
  if (options.runningSince !== undefined && !options.heartbeat) usage('--running-since needs --heartbeat');
  if (options.baseline && !options.gitlab && (options.service ?? options.state) === undefined) {
    usage('--baseline needs --service or --gitlab, or a --state to remember it in');
  }
  if (options.baseline && options.dryRun) usage('--baseline sends nothing anyway; leave out --dry-run');
  if (options.build !== undefined && options.buildFrom !== undefined) usage('--build or --build-from, not both');
  if (options.quiet && options.json) usage('--quiet or --json, not both');
}

async function receiverOf(
  options: ScanCommandOptions,
  host: string,
  environment: NodeJS.ProcessEnv,
): Promise<Receiver | null> {
  const { service, tokenFile } = options;
  if (service === undefined) return null;
  if (!/^https?:$/.test(URL.canParse(service) ? new URL(service).protocol : '')) {
    throw new SignalboxError('SBX_USAGE', `--service ${service} is no address; write https://signalbox.example.com`);
  }
  return {
    service,
    token: await tokenOf(tokenFile, environment, options.dryRun === true || options.baseline === true),
    source: options.source ?? null,
    host,
    run: options.run ?? null,
    patience: parseDuration(options.retryFor),
  };
}

async function tokenOf(file: string | undefined, environment: NodeJS.ProcessEnv, unused: boolean): Promise<string> {
  const reference =
    file === undefined
      ? { secretIn: 'env' as const, name: 'SIGNALBOX_RACES_TOKEN' }
      : { secretIn: 'file' as const, path: file };
  if (unused) return '';
  const { value, warnings } = await readSecret(reference, environment);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  return value;
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

/** Loaded only when it is asked for: it is the whole service. */
async function targetOf(options: ScanCommandOptions, environment: NodeJS.ProcessEnv): Promise<Target> {
  const { triageTarget } = await import('./file-in-gitlab.ts');
  return triageTarget(options, environment);
}

async function buildOf(options: ScanCommandOptions): Promise<Build | null> {
  if (options.build !== undefined) return { name: options.build };
  return options.buildFrom === undefined ? null : buildFrom(options.buildFrom);
}

async function inLogOf(pattern: string): Promise<(sighting: RaceSighting) => string | null> {
  const { buildInLog } = await import('./build-in-log.ts');
  return buildInLog(pattern);
}
