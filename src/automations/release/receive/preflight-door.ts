import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SignalboxError } from '../../../errors.ts';
import { parseRequest } from '../../../parse-request.ts';
import { GivenFields } from '../metadata/given-fields.ts';
import { readJsonFields } from '../metadata/read-json.ts';
import { artifactName } from '../store/release-files.ts';
import { releaseView } from '../view.ts';
import { type Admission, admit } from './admit.ts';
import { type DeclaredDigests, declareHex, readDigestHeaders } from './declared-digests.ts';
import { askerOf, continueBody, type DoorOptions } from './doors.ts';
import { readFields, readFormDigests } from './form-door.ts';
import { assertGzipHead } from './gzip-head.ts';
import { boundaryOf } from './part-head.ts';
import { pump, type Sink } from './pump.ts';

const place = z.object({ product: z.string() });
const MOST_BYTES = 1024 * 1024;

interface Question {
  fields: GivenFields;
  digests: DeclaredDigests;
  size: number | null;
}

/**
 * `POST /v1/releases/{product}/preflight`: would this release be taken? Metadata as a JSON object of texts, with `md5`,
 * `sha256` and `size` where they are known already, or the upload's form without its file. The checks are the upload's own,
 * so that a missing field fails in the first second of a pipeline and not after its build.
 */
export function preflightDoor(app: FastifyInstance, door: DoorOptions): void {
  app.post('/v1/releases/:product/preflight', { config: { answersExpect: true } }, async (request, reply) => {
    const { product } = parseRequest(place, request.params);
    const caller = await askerOf(request, product, door);
    door.intake.live.assertOpen();
    const question = await readQuestion(request, reply);
    // At the beginning of a pipeline there are no bytes yet, and so no digest.
    const digestFollows = question.digests.md5 === undefined && question.digests.sha256 === undefined;
    const admission = await admit({ product, ...question, digestFollows, caller }, door.intake.options);
    if (question.size !== null) assertGzipHead(question.size);
    const room = await door.intake.space.reserve(question.size ?? 0);
    room.release();
    return reply.header('Cache-Control', 'no-store').send({ ...verdict(admission), dry_run: door.dryRun });
  });
}

function verdict({ product, version, line, environment, metadata, existing }: Admission) {
  return {
    verdict: 'accepted',
    // Without a digest nobody can say whether the version that is there has the same bytes.
    would: existing ? 'change nothing if the bytes are the same, and be refused otherwise' : 'create the release',
    product,
    version,
    line,
    environment,
    metadata,
    file: artifactName(product, version),
    existing: existing && releaseView(existing),
  };
}

async function readQuestion(request: FastifyRequest, reply: FastifyReply): Promise<Question> {
  const boundary = boundaryOf(request.headers['content-type']);
  if (boundary !== undefined) {
    const { given, fields } = await readFields(request, reply, boundary);
    return { fields: given, digests: readFormDigests(request, fields), size: null };
  }
  continueBody(request, reply);
  const collected = new Collected();
  await pump(request.raw, collected, { idle: 30_000, minRate: 64, signal: new AbortController().signal });
  const all = new GivenFields();
  readJsonFields(Buffer.concat(collected.chunks).toString() || '{}', all, 'the body');
  return splitQuestion(all, readDigestHeaders(request.headers));
}

/** Takes what is no metadata out of the fields. */
function splitQuestion(all: GivenFields, digests: DeclaredDigests): Question {
  const fields = new GivenFields();
  let size: number | null = null;
  for (const [field, value] of all.values) {
    if (field === 'md5' || field === 'sha256') declareHex(digests, field, value, field);
    else if (field !== 'size') fields.add(field, value);
    else if (/^\d{1,15}$/.test(value)) size = Number(value);
    else fields.fault('size', 'must be a number of bytes, as text');
  }
  for (const { at, message } of all.faults) fields.fault(at.slice(1), message);
  return { fields, digests, size };
}

class Collected implements Sink {
  readonly mustWait = false;
  readonly chunks: Buffer[] = [];
  #length = 0;

  async drained(): Promise<void> {}

  write(chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length > MOST_BYTES)
      throw new SignalboxError('SBX_RELEASE_TOO_LARGE', `metadata of more than ${MOST_BYTES} bytes`);
    this.chunks.push(chunk);
  }
}
