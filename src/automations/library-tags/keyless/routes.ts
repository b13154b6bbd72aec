import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Documents } from '../../../engine/documents/documents.ts';
import { SignalboxError } from '../../../errors.ts';
import type { GitLab } from '../../../gitlab/client/create-gitlab.ts';
import { bearerOf } from '../../../known-secrets.ts';
import { parseRequest } from '../../../parse-request.ts';
import { decideLibrary } from '../decide-library.ts';
import { gather } from '../gather.ts';
import { joinReports } from '../report.ts';
import { identifyJob, type KeylessAccess, type KeylessJob } from './identify-job.ts';
import { jobId, TAG_JOB, type TagJobAnswer, type TagJobDocument } from './jobs.ts';
import { waitForAnswer } from './wait-for-answer.ts';

export interface TagRouteContext extends KeylessAccess {
  gitlab: GitLab;
  documents: Documents;
  /** Decide everything and change nothing, whatever a job asks for. */
  dryRun: boolean;
  now: () => number;
}

const bodySchema = z.strictObject({
  dry_run: z.boolean().prefault(false),
  wait: z.number().min(0).max(600).prefault(2),
});

/** One request waits so long for its answer, ms; proxies give up later than this. */
const PATIENCE = 25_000;

/**
 * `POST /v1/tags`: a CI job shows its id_token and gets its commit's version. 200 with what `signalbox tag --json` prints; 202
 * when there is no answer yet: the same token, sent again, goes on waiting. A token has one answer, however often it is sent.
 */
export function tagRoutes(app: FastifyInstance, context: TagRouteContext): void {
  const stopping = new AbortController();
  app.addHook('preClose', async () => stopping.abort());
  app.post('/v1/tags', { config: { reads: { body: bodySchema } } }, async (request, reply) => {
    void reply.header('Cache-Control', 'no-store');
    const job = await identifyJob(bearerOf(request.headers.authorization), context).catch((error: unknown) => {
      throw withHeaders(error, reply);
    });
    const body = parseRequest(bodySchema, request.body ?? {});
    if (body.dry_run || context.dryRun) return { ...answerOf(await decideOnly(job, context)), dry_run: true };
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const id = await requestTag(job, body.wait * 1000, context);
    const signal = AbortSignal.any([stopping.signal, gone.signal]);
    const answer = await waitForAnswer(context.documents, id, { patience: PATIENCE, signal });
    if (answer !== null) return answerOf(answer);
    if (stopping.signal.aborted)
      throw new SignalboxError('SBX_SERVICE_STOPPING', 'the version will be made all the same');
    return reply.code(202).header('Retry-After', '1').send({ state: 'waiting', commit: job.commit });
  });
}

function withHeaders(error: unknown, reply: FastifyReply): unknown {
  if (!(error instanceof SignalboxError)) return error;
  if (error.code === 'SBX_TAG_NOT_AUTHENTIC') void reply.header('WWW-Authenticate', 'Bearer realm="tags"');
  if (error.code === 'SBX_IDENTITY_UNAVAILABLE') void reply.header('Retry-After', '10');
  return error;
}

/** Writes down who asks and makes the library due, in one transaction; a token that is known already changes nothing. */
async function requestTag(
  { project, commit, branch, token }: KeylessJob,
  wait: number,
  { documents, now }: TagRouteContext,
): Promise<string> {
  const id = jobId(project, token.id);
  // A pipeline without a branch is decided like any other: by a look, which finds that nothing is to be done.
  const body: TagJobDocument = {
    project,
    branch: branch ?? '',
    commit,
    requestedAt: now(),
    wait,
    expiresAt: token.expiresAt,
    answer: null,
  };
  await documents.change<TagJobDocument>(TAG_JOB, id, current => {
    if (current !== null) return null;
    const at = branch ?? 'no branch';
    const signal = { key: `library:${project}`, reason: `job for ${commit} on ${at}`, urgent: true };
    return {
      body,
      signals: [signal],
      journal: [{ kind: 'signal', key: signal.key, data: { job: 'asks', commit, branch } }],
    };
  });
  return id;
}

/** What a look would come to for this job, without one. */
async function decideOnly(job: KeylessJob, { gitlab, documents, now }: TagRouteContext): Promise<TagJobAnswer> {
  const { project, rules, commit, branch } = job;
  const { signal } = new AbortController();
  const key = `library:${project}`;
  const look = { key, subject: project, reasons: [], memory: null, chain: null, signal, now };
  const jobs = [{ id: '', branch: branch ?? '', commit, requestedAt: 0, wait: 0 }];
  const facts = await gather(look, { gitlab, documents, rules, jobs });
  const { actions } = decideLibrary(facts, rules, null, now());
  const answer = actions.find(action => action.type === 'answer')?.answer;
  if (!answer) throw new SignalboxError('SBX_INTERNAL', 'nothing was decided');
  if ('failure' in answer) return answer;
  return { reports: answer.reports.map(report => ({ ...report, created: false, way: null })) };
}

function answerOf(answer: TagJobAnswer): object {
  if ('failure' in answer) throw new SignalboxError(answer.failure.code, answer.failure.detail);
  return joinReports(answer.reports) ?? {};
}
