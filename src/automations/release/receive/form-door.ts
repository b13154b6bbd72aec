import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SignalboxError } from '../../../errors.ts';
import { parseRequest } from '../../../parse-request.ts';
import { credentialOf, refuseSecretInAddress } from '../credentials/gate.ts';
import { GivenFields } from '../metadata/given-fields.ts';
import { admit, tooLarge } from './admit.ts';
import { answerUpload, wantedWait } from './answer.ts';
import { type DeclaredDigests, declareHex, readDigestHeaders } from './declared-digests.ts';
import { continueBody, type DoorOptions, declaredLength } from './doors.ts';
import { FilePart } from './file-part.ts';
import { FormFields } from './form-fields.ts';
import { boundaryOf } from './part-head.ts';
import { pump } from './pump.ts';
import { headerOf } from './put-door.ts';

const place = z.object({ product: z.string() });
/** Fields that are no metadata. */
const SPECIAL = ['secret', 'md5', 'sha256', 'product'];
/** For the fields before the file; what a product says of its artifact's pace is not known yet. */
const FIELDS_PACE = { idle: 30_000, minRate: 64 };
/** What a form may have besides the file. */
const FORM_OVERHEAD = 1024 * 1024;

/**
 * `POST /v1/releases/{product}`: the form that `curl -F` sends. Fields first, then the file; the answer comes when the
 * release script has ended, and is an error when it failed.
 */
export function formDoor(app: FastifyInstance, door: DoorOptions): void {
  app.post('/v1/releases/:product', { config: { answersExpect: true } }, async (request, reply) => {
    const { product } = parseRequest(place, request.params);
    refuseSecretInAddress(request.query as object);
    const inHeaders = credentialOf(request.headers);
    // With a credential in the headers it is looked at before the form is.
    const early = inHeaders === undefined ? undefined : await door.gate(product, inHeaders, request);
    door.intake.live.assertOpen();
    const boundary = boundaryOf(request.headers['content-type']);
    if (boundary === undefined) throw new SignalboxError('SBX_RELEASE_WRONG_TYPE', 'not a form with a boundary');
    const whole = declaredLength(request);
    if (early) await assertFits(door, product, whole);

    const form = await readFields(request, reply, boundary);
    if (form.fields.fileCameFirst) throw new SignalboxError('SBX_RELEASE_FORM_ORDER', 'the file is the first part');
    const caller = early ?? (await door.gate(product, form.fields.special.get('secret'), request));
    if (!early) await assertFits(door, product, whole);
    if (!form.fields.file) throw new SignalboxError('SBX_RELEASE_FORM_INVALID', 'there is no part named file');
    const idempotencyKey = headerOf(request, 'idempotency-key');
    const digests = readFormDigests(request, form.fields);
    const offer = { product, fields: form.given, digests, size: null, caller, idempotencyKey };
    const admission = await admit(offer, door.intake.options);
    let part: FilePart | undefined;
    if (form.fields.rest.length > 0) request.raw.unshift(form.fields.rest);
    // The form is a little longer than its file, which does no harm to the space that is kept free.
    const committed = await door.intake.receive(
      { ...admission, size: whole },
      {
        request: request.raw,
        sink: writer => {
          part = new FilePart(writer, boundary);
          return part;
        },
        trailing: () => {
          part?.assertEnded();
          return null;
        },
      },
    );
    if (!committed.created) await door.intake.remember(admission, committed.release);
    const wait = wantedWait(request, Number.POSITIVE_INFINITY);
    return answerUpload(
      request,
      reply,
      { committed, environment: admission.environment, replayed: admission.replay, wait },
      door,
    );
  });
}

/** Reads everything before the file. */
export async function readFields(
  request: FastifyRequest,
  reply: FastifyReply,
  boundary: string,
): Promise<{ given: GivenFields; fields: FormFields }> {
  const given = new GivenFields();
  const fields = new FormFields(boundary, given, SPECIAL);
  continueBody(request, reply);
  await pump(request.raw, fields, { ...FIELDS_PACE, signal: new AbortController().signal });
  if (!fields.done) throw new SignalboxError('SBX_RELEASE_FORM_INVALID', 'the form has no end');
  return { given, fields };
}

/** Digests of the form's fields; headers count as well. */
export function readFormDigests(request: FastifyRequest, fields: FormFields): DeclaredDigests {
  // Content-MD5 and Content-Digest are about the form, not about the file in it.
  const { 'repr-digest': repr, 'x-checksum-md5': md5, 'x-checksum-sha256': sha256 } = request.headers;
  const named = { 'repr-digest': repr, 'x-checksum-md5': md5, 'x-checksum-sha256': sha256 };
  const declared = readDigestHeaders(
    Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)),
  );
  for (const algorithm of ['md5', 'sha256'] as const) {
    const value = fields.special.get(algorithm);
    if (value !== undefined) declareHex(declared, algorithm, value, algorithm);
  }
  return declared;
}

/** Whether a form of this length can be taken at all, before it is read. */
async function assertFits({ intake }: DoorOptions, product: string, length: number | null): Promise<void> {
  const settings = intake.options.products.get(product);
  if (!settings || length === null) return;
  if (length > settings.max_size + FORM_OVERHEAD) throw tooLarge(settings);
  const room = await intake.space.reserve(length);
  room.release();
}
