import type { TagReport } from '../../automations/library-tags/report.ts';
import { SignalboxError } from '../../errors.ts';
import type { Send } from '../../git-protocol/send.ts';
import { sendByNodeHttp } from '../../git-protocol/send-by-node-http.ts';
import { problemToError } from '../problem-to-error.ts';
import { type Environment, readJob } from './read-job.ts';
import { readIdToken } from './read-token.ts';
import type { Ready } from './ready.ts';
import type { TagOptions } from './tag-options.ts';

interface ServiceRun {
  /** `https://signalbox.example.com` */
  service: string;
  idToken: string;
  dryRun: boolean;
  /** Milliseconds to let the jobs of earlier commits go first. */
  wait: number;
  send: Send;
  note: (line: string) => void;
}

interface ServiceAnswer {
  reports: TagReport[];
  dryRun: boolean;
}

/** In all, ms: longer than the service needs after an hour's outage of GitLab would be longer than id_tokens live. */
const PATIENCE = 5 * 60_000;
/** For one request, ms; the service answers within half a minute. */
const TIMEOUT = 45_000;
const MAX_BYTES = 4 * 1024 * 1024;

/** What the configuration of the service says, for all libraries alike. */
const OF_THE_SERVICE = ['local', 'via', 'tagger', 'first', 'bump', 'late'] as const;

/**
 * Makes ready a run that has the service tag, which holds the one token; the job only shows who it is.
 *
 * @throws SignalboxError SBX_USAGE, SBX_SECRET_UNREADABLE
 */
export function tagByService(options: TagOptions, service: string, wait: number, environment: Environment): Ready {
  // Empty is not given: pipelines pass on variables and inputs that may be empty.
  const given = OF_THE_SERVICE.find(name => (options[name] ?? '') !== '');
  if (given !== undefined) {
    throw new SignalboxError('SBX_USAGE', `--${given} is not for --service: library_tags of its configuration says it`);
  }
  if (!/^https?:$/.test(URL.parse(service)?.protocol ?? '')) {
    throw new SignalboxError('SBX_USAGE', `--service ${service} is no address: write https://signalbox.example.com`);
  }
  const idToken = readIdToken(environment, options.tokenFile);
  const dryRun = options.dryRun ?? false;
  const run = { service: service.replace(/\/+$/, ''), idToken, dryRun, wait, send: sendByNodeHttp };
  return {
    authorities: environment['CI_SERVER_TLS_CA_FILE'] || null,
    hide: text => text.replaceAll(idToken, '***'),
    run: async note => idleIn(environment) ?? askUntilAnswered({ ...run, note }),
  };
}

/** A pipeline of a tag or a merge request has nothing to ask for. */
function idleIn(environment: Environment): ServiceAnswer | null {
  if (!environment['CI_COMMIT_SHA']) return null;
  const { branch, commit } = readJob(environment);
  if (branch !== null) return null;
  const reasons = ['this is not the update of a branch'];
  const nothing = { tag: null, base: null, bump: null, contained_in: null, module: null, way: null, warnings: [] };
  return { reports: [{ action: 'skip', commit, reasons, created: false, ...nothing }], dryRun: false };
}

/**
 * Has the service tag the commit that the id_token names. Asking twice is asking once, so whatever stands in the way of an
 * answer, it is asked again.
 *
 * @throws SignalboxError as the service says; SBX_REMOTE_UNREACHABLE when there was no answer for five minutes
 */
async function askUntilAnswered(run: ServiceRun): Promise<ServiceAnswer> {
  const end = performance.now() + PATIENCE;
  let said = '';
  for (let turn = 0; ; turn++) {
    const result = await ask(run);
    if ('reports' in result) return result;
    if (result.words !== said) run.note(`${run.service}: ${result.words}`);
    said = result.words;
    if (performance.now() >= end) {
      throw new SignalboxError('SBX_REMOTE_UNREACHABLE', `${run.service}: no version within five minutes (${said})`);
    }
    const pause = Math.max(result.pause, Math.min(250 * 2 ** turn, 10_000) * Math.random());
    await new Promise(resolve => setTimeout(resolve, pause));
  }
}

async function ask(run: ServiceRun): Promise<ServiceAnswer | { words: string; pause: number }> {
  let answer: { status: number; text: string; retryAfter: number };
  try {
    answer = await exchange(run);
  } catch (error) {
    const { code, name, message } = error as NodeJS.ErrnoException;
    return { words: name === 'TimeoutError' ? 'no answer in time' : (code ?? message), pause: 0 };
  }
  const { status, text } = answer;
  const pause = answer.retryAfter * 1000;
  if (status === 200) return read(text, run);
  if (status === 202) return { words: 'waits for the version', pause: 0 };
  if (status === 429 || status >= 500) return { words: `answered ${status}`, pause };
  throw problemToError(status, text, run.service);
}

async function exchange({ service, idToken, dryRun, wait, send }: ServiceRun) {
  const answer = await send({
    method: 'POST',
    url: `${service}/v1/tags`,
    headers: {
      accept: 'application/json',
      'user-agent': 'signalbox',
      authorization: `Bearer ${idToken}`,
      'content-type': 'application/json',
    },
    body: Buffer.from(JSON.stringify({ dry_run: dryRun, wait: wait / 1000 })),
    signal: AbortSignal.timeout(TIMEOUT),
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error('the answer is too large');
  }
  const seconds = Number(answer.headers['retry-after'] ?? 0);
  const retryAfter = Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 60) : 10;
  return { status: answer.status, text: Buffer.concat(chunks).toString('utf8'), retryAfter };
}

function read(text: string, { service }: ServiceRun): ServiceAnswer {
  const body = parse(text);
  const reports = Array.isArray(body?.['modules']) ? body['modules'] : [body];
  if (!reports.every(isReport)) {
    throw new SignalboxError('SBX_REMOTE_UNEXPECTED', `${service}/v1/tags did not answer as a Signalbox service does`);
  }
  return { reports, dryRun: body?.['dry_run'] === true };
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

function isReport(value: unknown): value is TagReport {
  const report = value as Partial<TagReport> | null;
  return (
    typeof report?.action === 'string' &&
    typeof report.commit === 'string' &&
    (report.tag === null || typeof report.tag === 'string') &&
    (report.base === null || typeof report.base === 'string') &&
    Array.isArray(report.reasons) &&
    Array.isArray(report.warnings)
  );
}
