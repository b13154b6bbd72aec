import type { FastifyReply, FastifyRequest } from 'fastify';
import { SignalboxError } from '../../../errors.ts';
import { type Caller, credentialOf, refuseSecretInAddress } from '../credentials/gate.ts';
import type { GuardedGate } from '../credentials/limit-tries.ts';
import type { WaitForRun } from '../model.ts';
import type { ReleaseIntake } from './release-intake.ts';

/** What every door needs. */
export interface DoorOptions {
  intake: ReleaseIntake;
  gate: GuardedGate;
  waitForRun: WaitForRun;
  /** The service decides everything and runs no script. */
  dryRun: boolean;
  /** Who asks; throws unless the request may look at this product (all products without one). */
  reader: (request: FastifyRequest, product?: string) => Promise<string>;
  /** Who asks; throws unless it is a person (or a token) that may look at everything, or one of `others`. */
  viewer: (request: FastifyRequest, others?: () => Promise<string>) => Promise<string>;
  /** Aborted when the service stops: nobody waits for a script's end any longer. */
  stopping: AbortSignal;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route answers `Expect: 100-continue` itself, after its checks. */
    answersExpect?: boolean;
  }
}

/** How long a refused sender may go on sending before its connection is cut, ms. */
const LINGER = 5000;

/** Who sends, from the headers alone. */
export function callerOf(request: FastifyRequest, product: string, gate: GuardedGate): Promise<Caller> {
  refuseSecretInAddress(request.query as object);
  return gate(product, credentialOf(request.headers), request);
}

/** Who asks whether a release would be taken: its sender, or a person at the dashboard. It changes nothing. */
export async function askerOf(request: FastifyRequest, product: string, door: DoorOptions): Promise<Caller> {
  // The gate comes last, for it counts what it does not know: a person's token is no wrong secret.
  let sender: Caller | undefined;
  const name = await door.viewer(request, async () => {
    sender = await callerOf(request, product, door.gate);
    return sender.name;
  });
  return sender ?? { name, token: null };
}

/** Asks for the body of a sender that waits for this; call it when nothing speaks against the upload any more. */
export function continueBody(request: FastifyRequest, reply: FastifyReply): void {
  if (expectsContinue(request)) reply.raw.writeContinue();
}

export function expectsContinue(request: FastifyRequest): boolean {
  return /^100-continue$/i.test(request.headers.expect ?? '');
}

/** Bytes of the body as declared; null for chunks. */
export function declaredLength(request: FastifyRequest): number | null {
  const length = request.headers['content-length'];
  return length === undefined ? null : Number(length);
}

/** Answers early, while the sender may still be sending. */
export function answerEarly(request: FastifyRequest, reply: FastifyReply): void {
  if (request.raw.complete) return;
  if (expectsContinue(request)) {
    // It was never asked for its body, so where the next request would begin is anybody's guess.
    void reply.header('Connection', 'close');
    return;
  }
  // Closing at once would reset the connection, and the sender would never read the answer.
  reply.raw.once('finish', () => {
    if (request.raw.complete || request.raw.destroyed) return;
    const timer = setTimeout(() => request.raw.socket.destroy(), LINGER).unref();
    request.raw.once('close', () => clearTimeout(timer));
    request.raw.resume();
  });
}

/** The headers that belong to a refusal. */
export function refusalHeaders(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  answerEarly(request, reply);
  if (!(error instanceof SignalboxError)) return;
  const { code, extensions } = error;
  if (code === 'SBX_RELEASE_NOT_AUTHENTIC') void reply.header('WWW-Authenticate', 'Bearer realm="releases"');
  if (code === 'SBX_RELEASE_TOO_LARGE' && typeof extensions['max_size'] === 'number') {
    void reply.header('Upload-Limit', `max-size=${extensions['max_size']}`);
  }
  if (code === 'SBX_RELEASE_DIGEST_MISSING') void reply.header('Want-Repr-Digest', 'sha-256=10, md5=1');
  if (RETRY_LATER.has(code)) void reply.header('Retry-After', '10');
  if (typeof extensions['retry_after'] === 'number')
    void reply.header('Retry-After', String(extensions['retry_after']));
  if (typeof extensions['location'] === 'string') void reply.header('Location', extensions['location']);
  void reply.header('Cache-Control', 'no-store');
}

const RETRY_LATER: ReadonlySet<string> = new Set([
  'SBX_SERVICE_STOPPING',
  'SBX_RELEASE_TOO_MANY_UPLOADS',
  'SBX_IDENTITY_UNAVAILABLE',
  'SBX_RELEASE_NOT_STORED',
  'SBX_ARTIFACTS_UNREACHABLE',
  'SBX_RELEASE_KEY_IN_USE',
]);
