import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SignalboxError } from '../../../../errors.ts';
import { parseRequest } from '../../../../parse-request.ts';
import type { Caller } from '../../credentials/gate.ts';
import { GivenFields } from '../../metadata/given-fields.ts';
import { releaseAddress } from '../../view.ts';
import { admit } from '../admit.ts';
import { declareHex, readDigestHeaders } from '../declared-digests.ts';
import { callerOf, continueBody, type DoorOptions, declaredLength } from '../doors.ts';
import { assertGzipHead } from '../gzip-head.ts';
import { headerOf } from '../put-door.ts';
import { PART_ALGORITHMS, readPartChecksum } from './part-sink.ts';
import { readUploadMetadata } from './read-metadata.ts';
import { createSession, type UploadSession } from './session.ts';
import type { UploadSessions } from './upload-sessions.ts';

const PROTOCOL = '1.0.0';
const EXTENSIONS = 'creation,termination,expiration,checksum';
const place = z.object({ id: z.string() });

/**
 * `/v1/uploads`: tus 1.0 (https://tus.io/protocols/resumable-upload) with creation, termination, expiration and checksum.
 * Unlike tus alone it demands the digest of the whole file, checks who asks at every request, and says that an upload is
 * at its end only when its release is on disk.
 */
export function tusDoor(app: FastifyInstance, door: DoorOptions, sessions: UploadSessions): void {
  const uploads = { config: { answersExpect: true } };
  app.addHook('onRequest', async (_request, reply) => {
    void reply.header('Tus-Resumable', PROTOCOL).header('Cache-Control', 'no-store');
  });

  app.options('/v1/uploads', async (_request, reply) => {
    const largest = Math.max(...[...door.intake.options.products.values()].map(product => product.max_size));
    return reply
      .header('Tus-Version', PROTOCOL)
      .header('Tus-Extension', EXTENSIONS)
      .header('Tus-Max-Size', String(largest))
      .header('Tus-Checksum-Algorithm', PART_ALGORITHMS.join(','))
      .code(204)
      .send();
  });

  app.post('/v1/uploads', uploads, async (request, reply) => {
    assertProtocol(request);
    const pairs = readUploadMetadata(headerOf(request, 'upload-metadata') ?? '');
    const product = pairs.find(([name]) => name === 'product')?.[1] ?? '';
    const caller = await callerOf(request, product, door.gate);
    door.intake.live.assertOpen();
    const length = readLength(request);
    const fields = new GivenFields();
    const digests = readDigestHeaders(request.headers);
    for (const [name, value] of pairs) {
      if (name === 'md5' || name === 'sha256') declareHex(digests, name, value, name);
      else if (name !== 'product') fields.add(name, value);
    }
    const idempotencyKey = headerOf(request, 'idempotency-key');
    const offer = { product, fields, digests, size: length, caller, idempotencyKey };
    const admission = await admit(offer, door.intake.options);
    // Clients send nothing more for an empty file, and believe it done.
    assertGzipHead(length);
    const room = await door.intake.space.reserve(length);
    room.release();
    const session = await createSession(sessions.directory, {
      product,
      version: admission.version,
      line: admission.line,
      environment: admission.environment,
      credential: caller.name,
      fields: [...fields.values],
      md5: digests.md5 ?? null,
      sha256: digests.sha256 ?? null,
      idempotencyKey: idempotencyKey ?? null,
      length,
      createdAt: door.intake.options.now(),
      committed: false,
    });
    await sessions.reserve(session);
    await tellExpiry(reply, session);
    return reply.code(201).header('Location', `/v1/uploads/${session.id}`).send();
  });

  app.head('/v1/uploads/:id', async (request, reply) => {
    const { session, caller } = await identify(request);
    const offset = await sessions.offset(session);
    // A client that finds its upload at the end believes it done: so it must be, or end here.
    if (offset === session.length) await sessions.finish(session, caller);
    await tell(reply, session, offset);
    return reply.header('Upload-Length', String(session.length)).code(200).send();
  });

  app.patch('/v1/uploads/:id', uploads, async (request, reply) => {
    const { session, caller } = await identify(request);
    if (request.headers['content-type'] !== 'application/offset+octet-stream') {
      throw new SignalboxError('SBX_RELEASE_WRONG_TYPE', 'a part is application/offset+octet-stream');
    }
    const given = headerOf(request, 'upload-offset') ?? '';
    if (!/^\d{1,15}$/.test(given)) throw new SignalboxError('SBX_REQUEST_INVALID', 'Upload-Offset');
    const part = {
      offset: Number(given),
      checksum: readPartChecksum(headerOf(request, 'upload-checksum')),
      begin: () => continueBody(request, reply),
    };
    if (part.offset + (declaredLength(request) ?? 0) > session.length) {
      throw new SignalboxError('SBX_UPLOAD_LENGTH', 'more bytes than Upload-Length');
    }
    const offset = session.committed ? session.length : await sessions.append(session, request.raw, part);
    if (offset === session.length) await sessions.finish(session, caller);
    await tell(reply, session, offset);
    return reply.code(204).send();
  });

  app.delete('/v1/uploads/:id', async (request, reply) => {
    const { session } = await identify(request);
    await sessions.remove(session);
    return reply.code(204).send();
  });

  /** Which upload, and who asks: anew at every request, as credentials end. */
  async function identify(request: FastifyRequest): Promise<{ session: UploadSession; caller: Caller }> {
    assertProtocol(request);
    const { id } = parseRequest(place, request.params);
    let session: UploadSession;
    try {
      session = await sessions.find(id);
    } catch (error) {
      // Who shows no credential of any product does not learn whether the address exists.
      await anyCaller(request, door);
      throw error;
    }
    return { session, caller: await callerOf(request, session.product, door.gate) };
  }

  async function tell(reply: FastifyReply, session: UploadSession, offset: number): Promise<void> {
    void reply.header('Upload-Offset', String(offset));
    if (offset === session.length) void reply.header('Link', `<${releaseAddress(session)}>; rel="status"`);
    else await tellExpiry(reply, session);
  }

  async function tellExpiry(reply: FastifyReply, session: UploadSession): Promise<void> {
    void reply.header('Upload-Expires', new Date(await sessions.expiresAt(session)).toUTCString());
  }
}

async function anyCaller(request: FastifyRequest, door: DoorOptions): Promise<void> {
  const [first = ''] = door.intake.options.products.keys();
  try {
    await callerOf(request, first, door.gate);
  } catch (error) {
    if (!(error instanceof SignalboxError) || error.code !== 'SBX_RELEASE_NOT_ALLOWED') throw error;
  }
}

function assertProtocol(request: FastifyRequest): void {
  const given = headerOf(request, 'tus-resumable');
  if (given !== PROTOCOL) throw new SignalboxError('SBX_UPLOAD_PROTOCOL', `Tus-Resumable is ${given ?? 'missing'}`);
}

function readLength(request: FastifyRequest): number {
  const given = headerOf(request, 'upload-length');
  if (given === undefined) throw new SignalboxError('SBX_RELEASE_LENGTH_MISSING', 'no Upload-Length');
  if (!/^\d{1,15}$/.test(given)) throw new SignalboxError('SBX_UPLOAD_LENGTH', 'Upload-Length is no number');
  return Number(given);
}
