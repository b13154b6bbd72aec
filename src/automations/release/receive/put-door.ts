import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SignalboxError } from '../../../errors.ts';
import { parseRequest } from '../../../parse-request.ts';
import { readHeaderFields } from '../metadata/read-headers.ts';
import type { Committed } from '../store/commit.ts';
import { admit } from './admit.ts';
import { answerUpload, wantedWait } from './answer.ts';
import { readDigestHeaders } from './declared-digests.ts';
import { callerOf, continueBody, type DoorOptions, declaredLength, expectsContinue } from './doors.ts';

const place = z.object({ product: z.string(), version: z.string() });
const TYPES =
  /^application\/(?:gzip|x-gzip|octet-stream|x-tar|x-gtar|x-compressed|x-compressed-tar|x-tgz|tar\+gzip)\s*(?:;|$)/i;

/** `PUT /v1/releases/{product}/{version}`: the file is the body, everything else is in the headers. */
export function putDoor(app: FastifyInstance, door: DoorOptions): void {
  app.put('/v1/releases/:product/:version', { config: { answersExpect: true } }, async (request, reply) => {
    const { product, version } = parseRequest(place, request.params);
    const caller = await callerOf(request, product, door.gate);
    door.intake.live.assertOpen();
    assertType(request);
    const size = declaredLength(request);
    const digestFollows = announcesDigest(request);
    const admission = await admit(
      {
        product,
        version,
        fields: readHeaderFields(request.raw.rawHeaders),
        digests: readDigestHeaders(request.headers),
        digestFollows,
        size,
        caller,
        idempotencyKey: headerOf(request, 'idempotency-key'),
      },
      door.intake.options,
    );
    if (size === null && !digestFollows) throw new SignalboxError('SBX_RELEASE_LENGTH_MISSING', 'no Content-Length');

    const { existing, replay } = admission;
    // The sender has proved that it means the same bytes, and need not send them: by the key, or by SHA-256 and by asking.
    const known = existing && (replay || (expectsContinue(request) && admission.digests.sha256 === existing.sha256));
    let committed: Committed;
    if (known) committed = { release: existing, created: false };
    else {
      continueBody(request, reply);
      const trailing = () =>
        digestFollows ? readDigestHeaders({ ...request.headers, ...request.raw.trailers }) : null;
      committed = await door.intake.receive(admission, { request: request.raw, trailing });
    }
    if (!committed.created && !replay) await door.intake.remember(admission, committed.release);
    return answerUpload(
      request,
      reply,
      { committed, environment: admission.environment, replayed: replay, wait: wantedWait(request, 0) },
      door,
    );
  });
}

export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** @throws SignalboxError SBX_RELEASE_WRONG_TYPE */
function assertType(request: FastifyRequest): void {
  const type = request.headers['content-type'];
  if (type !== undefined && !TYPES.test(type)) {
    throw new SignalboxError('SBX_RELEASE_WRONG_TYPE', `Content-Type ${type.slice(0, 80)}`);
  }
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new SignalboxError('SBX_RELEASE_WRONG_TYPE', `Content-Encoding ${encoding.slice(0, 80)}`);
  }
}

/** `Trailer: Repr-Digest` on a chunked body. */
function announcesDigest(request: FastifyRequest): boolean {
  const chunked = /\bchunked\b/i.test(request.headers['transfer-encoding'] ?? '');
  return (
    chunked &&
    /(?:^|[,\s])(?:repr-digest|content-digest|x-checksum-sha256|x-checksum-md5)(?:$|[,\s])/i.test(
      headerOf(request, 'trailer') ?? '',
    )
  );
}
