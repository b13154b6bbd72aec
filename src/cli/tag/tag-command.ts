import { existsSync, readFileSync } from 'node:fs';
import { hideToken } from '../../automations/library-tags/job/gitlab-call.ts';
import { WAYS, type WayName } from '../../automations/library-tags/job/ways.ts';
import { parseVersion } from '../../automations/library-tags/semver.ts';
import type { Policy } from '../../automations/library-tags/snapshot.ts';
import { SignalboxError } from '../../errors.ts';
import { sendByNodeHttp } from '../../git-protocol/send-by-node-http.ts';
import { forgetDotenv, renderDotenv, writeDotenv } from './dotenv.ts';
import { type Environment, readJob } from './read-job.ts';
import { readJobToken, readToken } from './read-token.ts';
import { linesOf, printable, reportOf } from './render-result.ts';
import { runTag } from './run-tag.ts';

export interface TagOptions {
  local?: boolean;
  first?: string;
  bump: string;
  dotenv?: string;
  tokenFile?: string;
  tagger?: string;
  late: string;
  via?: string;
  wait: string;
  dryRun?: boolean;
  json?: boolean;
}

/**
 * `signalbox tag`.
 *
 * @returns the exit code: 0 created, exists, contained or skipped · 1 refused
 * @throws SignalboxError SBX_USAGE, SBX_SECRET_UNREADABLE for the command line; SBX_TAG_… and SBX_REMOTE_… for the run
 */
export async function tagCommand(options: TagOptions, environment: Environment): Promise<number> {
  // The whole run takes a tenth of a second, less than the optimizing compiler needs to pay off: without it, a third less work.
  process.getBuiltinModule('node:v8').setFlagsFromString('--no-opt');
  const policy = readPolicy(options);
  const ways = options.via === undefined ? undefined : readWays(options.via);
  const wait = readWait(options.wait);
  const tagger = options.tagger === undefined ? null : readTagger(options.tagger);
  if (options.dotenv !== undefined) forgetDotenv(options.dotenv);
  const local = options.local ? (await import('./read-checkout.ts')).readCheckout(environment) : null;
  const target = local?.target ?? readJob(environment);
  const found = readToken(environment, options.tokenFile);
  const token = found.kind === 'none' && local?.token ? local.token : found;
  const job = readJobToken(environment);
  const reader = job && job.secret !== token.secret ? job : null;
  if (target.authorities !== null) await trust(target.authorities);

  const hide = (text: string): string =>
    [token, ...(reader ? [reader] : [])].reduce((t, each) => hideToken(each, t), text);
  const note = (line: string): void => {
    process.stderr.write(`${hide(printable(line))}\n`);
  };
  const modules = await runTag({
    target,
    token,
    reader,
    policy,
    dryRun: options.dryRun ?? false,
    ways,
    tagger,
    wait,
    send: sendByNodeHttp,
    ...(local?.remote ? { remote: local.remote } : {}),
    note,
  });
  const first = modules.find(({ decision }) => decision.action !== 'skip') ?? modules[0];
  if (!first) throw new SignalboxError('SBX_INTERNAL', 'nothing was decided');
  if (options.json) {
    const all = modules.length > 1 ? { modules: modules.map(reportOf) } : {};
    process.stdout.write(`${hide(JSON.stringify({ ...reportOf(first), ...all }))}\n`);
  } else {
    const lines = modules.flatMap(module => linesOf(reportOf(module), options.dryRun ?? false));
    process.stdout.write(`${hide(lines.join('\n'))}\n`);
  }
  if (options.dotenv !== undefined) writeDotenv(options.dotenv, hide(renderDotenv(first.decision, first.created)));
  return modules.some(({ decision }) => decision.action === 'refuse') ? 1 : 0;
}

const BUMPS = ['patch', 'minor', 'major', 'conventional', 'keywords'] as const;
const LATE = ['contained', 'every-commit'] as const;

function readPolicy({ bump, first: asked, late }: TagOptions): Policy {
  // Empty is not given: pipelines pass on variables and inputs that may be empty.
  const first = asked === '' ? undefined : asked;
  if (first !== undefined && parseVersion(first) === null) {
    throw new SignalboxError('SBX_USAGE', `--first ${first} is no version: write it like v0.1.0`);
  }
  return {
    bump: oneOf('--bump', bump, BUMPS),
    late: oneOf('--late', late, LATE),
    ...(first === undefined ? {} : { first }),
  };
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find(each => each === value);
  if (found === undefined) throw new SignalboxError('SBX_USAGE', `${option} takes ${allowed.join(', ')}, not ${value}`);
  return found;
}

function readWays(text: string): WayName[] {
  return text.split(',').map(part => oneOf('--via', part.trim(), WAYS));
}

function readWait(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0 && seconds <= 600)) {
    throw new SignalboxError('SBX_USAGE', `--wait takes seconds from 0 to 600, not ${text}`);
  }
  return seconds * 1000;
}

function readTagger(text: string): { name: string; email: string } {
  const match = /^\s*([^<>\n]*[^<>\s])\s*<([^<>\s]+)>\s*$/.exec(text);
  if (!match) throw new SignalboxError('SBX_USAGE', "--tagger takes 'Name <address>'");
  return { name: match[1]!, email: match[2]! };
}

/** The runner hands on the certificates of a GitLab with a private authority; Node itself reads such a file only at its start. */
async function trust(file: string): Promise<void> {
  if (!existsSync(file)) return;
  const { getCACertificates, setDefaultCACertificates } = await import('node:tls');
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(file, 'utf8')]);
}
