import type { FastifyReply, FastifyRequest } from 'fastify';
import { SignalboxError } from '../../../errors.ts';
import { RELEASE, type ReleaseDocument, releaseId } from '../model.ts';
import { firstRun, newestRun } from '../newest-run.ts';
import { FATES, fateOf } from '../run-fate.ts';
import type { Committed } from '../store/commit.ts';
import { releaseAddress, releaseView } from '../view.ts';
import { answerEarly, type DoorOptions } from './doors.ts';

/** Longest `Prefer: wait=…`, seconds; proxies give up earlier. */
const LONGEST_WAIT = 3600;

/** How long the sender wants to wait for the script: not at all, some milliseconds, or to its end. */
export function wantedWait(request: FastifyRequest, unlessTold: number): number {
  const prefer = String(request.headers['prefer'] ?? '');
  if (/(?:^|[,;\s])respond-async(?:$|[,;\s])/i.test(prefer)) return 0;
  const seconds = /(?:^|[,;\s])wait=(\d{1,6})/i.exec(prefer)?.[1];
  return seconds === undefined ? unlessTold : Math.min(Number(seconds), LONGEST_WAIT) * 1000;
}

export interface AnswerOptions {
  committed: Committed;
  /** Where the sender wants it. */
  environment: string;
  /** The same request was answered before. */
  replayed: boolean;
  /** Milliseconds to wait for the release script; Infinity for its end. */
  wait: number;
}

/**
 * Answers an upload that is on disk: 202 while the script has to run, 201 when it has released, 200 for a release that was
 * there; with waiting, a script that failed is an error, so that `curl -f` fails when the release does.
 */
export async function answerUpload(
  request: FastifyRequest,
  reply: FastifyReply,
  { committed, environment, replayed, wait }: AnswerOptions,
  door: DoorOptions,
): Promise<FastifyReply> {
  const { created } = committed;
  const release =
    wait > 0 ? await untilOver(request, committed.release, { environment, wait }, door) : committed.release;
  const address = releaseAddress(release);
  void reply.header('Location', address).header('Cache-Control', 'no-store');
  void reply.header('Link', `<${address}>; rel="status"`);
  if (replayed || !created) void reply.header('Idempotency-Replayed', 'true');
  if (wait > 0 && Number.isFinite(wait)) void reply.header('Preference-Applied', `wait=${wait / 1000}`);
  // The upload's own run: what a promotion came to meanwhile is not the sender's affair.
  const run = newestRun(release.runs, ownAttempt(release, environment));
  const state = release.state === 'rejected' ? release.state : (run?.state ?? release.state);
  const fate = wait > 0 ? FATES[state] : undefined;
  if (fate) {
    const detail = `${release.product} ${release.version}: ${fateOf(run?.exit ?? null, run?.signal ?? null, state)}`;
    throw new SignalboxError(fate, detail, { extensions: { release: releaseView(release), location: address } });
  }
  answerEarly(request, reply);
  const released = state === 'released';
  const status = created && !replayed ? (wait > 0 && released ? 201 : 202) : 200;
  return reply.code(status).send(releaseView(release));
}

/** The run that the upload began, or that had brought the release where the sender wants it before. */
function ownAttempt({ runs }: ReleaseDocument, environment: string): number {
  return firstRun(runs, environment)?.attempt ?? 1;
}

/** The release when its newest run has ended, or as it is when the sender's patience has. */
async function untilOver(
  request: FastifyRequest,
  release: ReleaseDocument,
  { environment, wait }: Pick<AnswerOptions, 'environment' | 'wait'>,
  { waitForRun, intake, stopping }: DoorOptions,
): Promise<ReleaseDocument> {
  const { product, version } = release;
  const gone = new AbortController();
  const leave = () => gone.abort();
  request.raw.socket.once('close', leave);
  const patience = Number.isFinite(wait) ? AbortSignal.timeout(wait) : undefined;
  const signals = [gone.signal, stopping, ...(patience ? [patience] : [])];
  try {
    await waitForRun(product, version, ownAttempt(release, environment), AbortSignal.any(signals));
  } catch (error) {
    if (stopping.aborted) {
      throw new SignalboxError(
        'SBX_SERVICE_STOPPING',
        'the release is stored, and its script goes on after the restart',
        {
          extensions: { location: releaseAddress(release) },
        },
      );
    }
    if (!patience?.aborted && !gone.signal.aborted) throw error;
  } finally {
    request.raw.socket.off('close', leave);
  }
  return (await intake.options.documents.read<ReleaseDocument>(RELEASE, releaseId(product, version)))?.body ?? release;
}
