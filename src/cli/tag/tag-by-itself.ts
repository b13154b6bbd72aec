import { hideToken } from '../../automations/library-tags/job/gitlab-call.ts';
import { WAYS, type WayName } from '../../automations/library-tags/job/ways.ts';
import { reportOf } from '../../automations/library-tags/report.ts';
import { parseVersion } from '../../automations/library-tags/semver.ts';
import type { Policy } from '../../automations/library-tags/snapshot.ts';
import { SignalboxError } from '../../errors.ts';
import { sendByNodeHttp } from '../../git-protocol/send-by-node-http.ts';
import { type Environment, readJob } from './read-job.ts';
import { readJobToken, readToken } from './read-token.ts';
import type { Ready } from './ready.ts';
import { runTag } from './run-tag.ts';
import type { TagOptions } from './tag-options.ts';

/**
 * Makes ready a run with a token of its own: what can be found wrong before anything is asked is found now.
 *
 * @throws SignalboxError SBX_USAGE, SBX_SECRET_UNREADABLE
 */
export async function tagByItself(options: TagOptions, wait: number, environment: Environment): Promise<Ready> {
  const policy = readPolicy(options);
  const ways = options.via === undefined ? undefined : readWays(options.via);
  const tagger = options.tagger === undefined ? null : readTagger(options.tagger);
  const local = options.local ? (await import('./read-checkout.ts')).readCheckout(environment) : null;
  const target = local?.target ?? readJob(environment);
  const found = readToken(environment, options.tokenFile);
  const token = found.kind === 'none' && local?.token ? local.token : found;
  const job = readJobToken(environment);
  const reader = job && job.secret !== token.secret ? job : null;
  const dryRun = options.dryRun ?? false;
  return {
    authorities: target.authorities,
    hide: text => [token, ...(reader ? [reader] : [])].reduce((hidden, each) => hideToken(each, hidden), text),
    run: async note => {
      const modules = await runTag({
        target,
        token,
        reader,
        policy,
        dryRun,
        ways,
        tagger,
        wait,
        send: sendByNodeHttp,
        ...(local?.remote ? { remote: local.remote } : {}),
        note,
      });
      return { reports: modules.map(reportOf), dryRun };
    },
  };
}

const BUMPS = ['patch', 'minor', 'major', 'conventional', 'keywords'] as const;
const LATE = ['contained', 'every-commit'] as const;

function readPolicy({ bump, first: asked, late = 'contained' }: TagOptions): Policy {
  // Empty is not given: pipelines pass on variables and inputs that may be empty.
  const first = asked === '' ? undefined : asked;
  if (first !== undefined && parseVersion(first) === null) {
    throw new SignalboxError('SBX_USAGE', `--first ${first} is no version: write it like v0.1.0`);
  }
  return {
    bump: oneOf('--bump', bump || 'patch', BUMPS),
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

function readTagger(text: string): { name: string; email: string } {
  const match = /^\s*([^<>\n]*[^<>\s])\s*<([^<>\s]+)>\s*$/.exec(text);
  if (!match) throw new SignalboxError('SBX_USAGE', "--tagger takes 'Name <address>'");
  return { name: match[1]!, email: match[2]! };
}
