import { planStream } from '../../automations/library-tags/decide.ts';
import { findMergeRequest } from '../../automations/library-tags/job/find-merge-request.ts';
import type { GitLabAccess } from '../../automations/library-tags/job/gitlab-call.ts';
import type { Pace } from '../../automations/library-tags/job/patience.ts';
import {
  type Refusal,
  type TaggedModule,
  type TagResult,
  tagUpdate,
} from '../../automations/library-tags/job/tag-update.ts';
import { planWays, type WayName } from '../../automations/library-tags/job/ways.ts';
import type { MergeRequestFact, Policy } from '../../automations/library-tags/snapshot.ts';
import { isPassing, SignalboxError } from '../../errors.ts';
import { describeRemote, type Remote } from '../../git-protocol/remote.ts';
import type { Send } from '../../git-protocol/send.ts';
import type { TagTarget } from './read-job.ts';
import type { FoundToken } from './read-token.ts';

export interface TagRun {
  target: TagTarget;
  token: FoundToken;
  /** Another token to read with where the first may not read. */
  reader: FoundToken | null;
  policy: Policy;
  dryRun: boolean;
  ways: readonly WayName[] | undefined;
  tagger: { name: string; email: string } | null;
  /** Milliseconds to let the jobs of earlier commits go first. */
  wait: number;
  send: Send;
  /** For a checkout whose remote is no web address. */
  remote?: Remote;
  note: (line: string) => void;
}

/** Whoever watches a job wants to know then what it waits for, ms. */
const WORTH_A_LINE = 5_000;

/**
 * One run: who reads, by which ways it may create, and what came out.
 *
 * @throws SignalboxError SBX_TAG_NOT_PERMITTED with everything that was tried and what has to be changed
 */
export async function runTag(run: TagRun): Promise<TaggedModule[]> {
  const idle = decideWithoutLooking(run);
  if (idle) return [idle];
  const { target, token, policy } = run;
  const remote = run.remote ?? remoteOf(run, token);
  const ways = planWays(token, { push: remote, api: accessOf(run, token) }, run.ways);
  if (ways.length === 0) {
    throw new SignalboxError('SBX_TAG_NOT_PERMITTED', `${token.source} cannot use ${run.ways?.join(', ')}`);
  }
  run.note(
    `${run.dryRun ? 'would create' : 'creates'} with ${token.source}, by ${ways.map(({ title }) => title).join(', else ')}`,
  );
  const warnings: string[] = [];
  const mergeRequest = readMergeRequest(run, warnings);
  const host = URL.parse(target.repositoryUrl)?.hostname ?? 'localhost';
  const tagger = run.tagger ?? target.tagger ?? { name: 'Signalbox', email: `signalbox@noreply.${host}` };
  const slow = setTimeout(() => run.note(`${host} takes its time`), WORTH_A_LINE);
  const result = await readWithEither(run, remote, reader =>
    tagUpdate({
      ...target,
      remote: reader,
      policy,
      mergeRequest,
      ledger: [],
      ways: run.dryRun ? [] : ways,
      tagger: { ...tagger, seconds: Math.floor(PACE.now() / 1000) },
      pace: PACE,
      wait: run.wait,
      note: run.note,
    }),
  ).finally(() => clearTimeout(slow));
  if (result.kind === 'refused') throw await refused(run, result.refusals);
  result.modules[0]?.decision.warnings.push(...warnings);
  return result.modules;
}

/** A pipeline of a tag, a merge request or a topic branch needs no request and no token to know that it has nothing to do. */
function decideWithoutLooking({ target: { branch, defaultBranch, commit }, policy }: TagRun): TaggedModule | null {
  if (branch !== null && defaultBranch === null) return null;
  const facts = { branch, defaultBranch: defaultBranch ?? '', tags: [], module: null, ledger: [] };
  const plan = planStream(facts, policy);
  if (plan.kind === 'stream') return null;
  const nothing = { tag: null, base: null, bump: null, containedIn: null, warnings: [] };
  const decision = { action: plan.kind, commit, reasons: [plan.reason], ...nothing };
  return { module: null, decision, created: false, way: null };
}

function remoteOf(run: TagRun, token: FoundToken): Remote {
  return describeRemote({
    url: run.target.repositoryUrl,
    ...(token.kind === 'none' ? {} : { credentials: { user: token.user, token: token.secret } }),
    objectFormat: run.target.commit.length === 64 ? 'sha256' : 'sha1',
    send: run.send,
  });
}

function accessOf(run: TagRun, token: FoundToken): GitLabAccess | null {
  const { apiUrl, project } = run.target;
  return apiUrl === null ? null : { apiUrl, project, token, send: run.send, timeout: 30_000 };
}

/** The job token can read where another one may not: with a scope too few, or on an instance that takes git over ssh only. */
async function readWithEither(
  run: TagRun,
  remote: Remote,
  read: (remote: Remote) => Promise<TagResult>,
): Promise<TagResult> {
  try {
    return await read(remote);
  } catch (error) {
    if (!run.reader || !isRefusal(error)) throw explainRefusal(error, run);
    run.note(`${run.token.source} may not read the repository; reads with ${run.reader.source}`);
    try {
      return await read(remoteOf(run, run.reader));
    } catch (second) {
      throw explainRefusal(second, run);
    }
  }
}

function isRefusal(error: unknown): error is SignalboxError {
  if (!(error instanceof SignalboxError) || error.code !== 'SBX_REMOTE_REFUSED') return false;
  return [401, 403, 404].includes(error.remoteStatus ?? 0);
}

function explainRefusal(error: unknown, { token, target }: TagRun): unknown {
  if (isRefusal(error)) {
    const remedy = readRemedy(token, target, error.remoteStatus);
    return new SignalboxError('SBX_TAG_NOT_PERMITTED', `${error.detail.replace(/\.$/, '')}. ${remedy}`);
  }
  if (error instanceof SignalboxError && /not our ref/.test(error.detail)) {
    return new SignalboxError('SBX_USAGE', `the remote does not have the commit ${target.commit}: push it first`);
  }
  return error;
}

function readRemedy({ kind, source }: FoundToken, { login }: TagTarget, status: number | undefined): string {
  if (kind === 'none') return 'There is no token; a private project needs one to be read';
  if (kind === 'job') return `A job token reads what ${login ?? 'the user who started the pipeline'} may read`;
  // GitLab says the same of a token that it does not know and of one whose scope is too little.
  const is = status === 401 ? `${source} is unknown, expired or revoked, or it` : source;
  return `${is} needs the scope read_repository or more, and its user the role Reporter or more`;
}

/** Its labels can raise the version and its title makes the message better; that it cannot be read is no reason to stop. */
async function readMergeRequest(run: TagRun, warnings: string[]): Promise<MergeRequestFact | null> {
  const { commit, branch } = run.target;
  const tokens = [run.token, ...(run.reader ? [run.reader] : [])];
  let words = '';
  for (const token of tokens) {
    const access = accessOf(run, token);
    if (access === null || branch === null) return null;
    try {
      const found = await retryFewTimes(() => findMergeRequest(access, commit, branch));
      if (found === null || !('unreadable' in found)) return found;
      words = found.unreadable;
    } catch (error) {
      if (!(error instanceof SignalboxError)) throw error;
      words = error.detail;
    }
  }
  warnings.push(`merge requests could not be read, so their labels do not count: ${words}`);
  return null;
}

const MERGE_REQUEST_TRIES = 4;

async function retryFewTimes<T>(run: () => Promise<T>): Promise<T> {
  for (let turn = 1; ; turn++) {
    try {
      return await run();
    } catch (error) {
      if (!isPassing(error) || turn === MERGE_REQUEST_TRIES) throw error;
      await PACE.sleep(PACE.random() * 250 * 2 ** turn);
    }
  }
}

const PACE: Pace = {
  sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
  random: Math.random,
  now: Date.now,
};

async function refused(run: TagRun, refusals: readonly Refusal[]): Promise<SignalboxError> {
  const { diagnose } = await import('../../automations/library-tags/job/diagnose.ts');
  const { login, repositoryUrl } = run.target;
  const asker = { login, projectUrl: run.target.projectUrl ?? repositoryUrl };
  const remedies = await diagnose(refusals, accessOf(run, run.token), run.token.kind, asker);
  const tried = refusals.map(({ way, words }) => `${way.title}: ${words}`);
  const lines = [`${refusals[0]?.tag} cannot be created with ${run.token.source}`, ...tried, ...remedies];
  return new SignalboxError('SBX_TAG_NOT_PERMITTED', lines.join('\n  '));
}
